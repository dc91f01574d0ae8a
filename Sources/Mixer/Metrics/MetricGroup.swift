internal import Adapting
internal import Expressions
internal import Primitives
internal import Telemetry

/// Metric instances that a rule gives one handler and that have the same dimensions: one look-up counts them
/// all. Another rule may count some of them in a group of its own; the series are the same. Shared by all
/// workers.
final class MetricGroup: Sendable {
    /// The registry's metrics, in the order of the instances.
    let metrics: ContiguousArray<Metric>
    /// What each metric counts; where that is always 1, a constant.
    let values: FieldPlan
    let facts: ContiguousArray<Fact>
    /// What a key is made of: the dimensions that are not the same for every request, each once.
    let fields: FieldPlan
    /// By dimension: its value for every request, or its place in the key.
    let labels: [Label]
    private let instances: ContiguousArray<InstancePlan>
    private let series: HandlerSeries
    var registry: MetricRegistry { self.series.registry }

    enum Label: Sendable {
        case constant(String)
        case part(Int)
    }

    /// How one of the metrics counts.
    struct Fact: Sendable {
        let kind: SeriesDefinition.Kind
        let scale: UInt64
        /// Whether it counts requests, not values.
        let isOne: Bool

        /// What is counted of a value; nil when it is absent, and nothing is.
        @inline(__always)
        func count(_ value: Value) -> UInt64? {
            switch value.kind {
            case .int: UInt64(clamping: value.asInt ?? 0).multipliedClamping(by: self.scale)
            case .uint: (value.asUInt ?? 0).multipliedClamping(by: self.scale)
            case .duration: UInt64(clamping: value.asDuration ?? 0)
            case .double: self.count((value.asDouble ?? 0) * Double(self.scale))
            default: nil
            }
        }

        private func count(_ scaled: Double) -> UInt64 {
            scaled >= 0 && scaled < 1.8e19 ? UInt64(scaled.rounded()) : 0
        }
    }

    init(
        _ instances: ContiguousArray<InstancePlan>, _ series: HandlerSeries, available: Set<AttributeID>
    ) {
        self.instances = instances
        self.series = series
        self.metrics = ContiguousArray(instances.map { series.define($0) })
        self.values = FieldPlan(instances.map { $0.metric?.value }, available: available)
        self.facts = ContiguousArray(
            instances.map {
                Fact(
                    kind: $0.shape.series?.kind ?? .counter, scale: $0.metric?.scale ?? 1,
                    isOne: $0.metric?.value == nil)
            })
        var parts: [Expression] = []
        let expressions = instances.first?.fields ?? []
        let all = FieldPlan(expressions, available: available)
        self.labels = expressions.enumerated().map { index, expression in
            if let text = all.constant(index) { return .constant(text) }
            guard let expression else { return .constant("") }
            if let known = parts.firstIndex(where: { $0.text == expression.text }) { return .part(known) }
            parts.append(expression)
            return .part(parts.count - 1)
        }
        self.fields = FieldPlan(parts, available: available)
    }

    /// The metrics have their names from now on.
    func comeIntoForce() { for instance in self.instances { self.series.adopt(instance) } }

    /// Instances with the same signature may share a look-up.
    static func dimensions(of instance: InstancePlan) -> [String] {
        zip(instance.shape.columns, instance.fields).map { "\($0.name)=\($1?.text ?? "")" }
    }
}

extension InstancePlan {
    /// What the registry is told of a metric.
    var metricDefinition: MetricDefinition? {
        guard let metric = self.metric, let series = self.shape.series else { return nil }
        let kind: MetricKind =
            switch series.kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        return MetricDefinition(
            name: self.shape.name, help: series.help, kind: kind, labels: self.shape.columns.map(\.name),
            bounds: series.bounds.compactMap(metric.counted), divisor: metric.divisor)
    }
}

/// One worker's counting in a group.
final class MetricCounter {
    let group: MetricGroup
    private let cells: MetricCells
    /// Where gauges are: all workers set the same cell, as the last value is the one that counts.
    private let shared: MetricCells
    private var table: SeriesKeyTable

    init(_ group: MetricGroup, _ cells: MetricCells) {
        self.group = group
        self.cells = cells
        self.shared = group.registry.shared
        self.table = SeriesKeyTable(limit: group.registry.seriesLimit, width: group.metrics.count)
    }

    /// Counts one request.
    ///
    /// - Parameter key: Where the key is put together; the caller's, used again.
    func count(_ bag: AttributeBag, _ evaluator: Evaluator, key: ByteBuffer) {
        let group = self.group
        key.reset()
        for index in 0..<group.fields.count {
            let start = key.writeIndex
            key.append(0)
            key.append(0)
            let value = group.fields.value(index, bag, evaluator)
            if !value.isError { evaluator.write(value, to: key) }
            let length = min(key.writeIndex &- start &- 2, Self.longestLabel)
            key.writeIndex = start &+ 2 &+ length
            key.replace(at: start, with: UInt8(truncatingIfNeeded: length))
            key.replace(at: start &+ 1, with: UInt8(truncatingIfNeeded: length >> 8))
        }
        let hash = key.view.mixedHash
        let all = self.table.find(key.view, hash: hash) ?? self.register(key.view, hash)
        for index in group.metrics.indices {
            let fact = group.facts[index]
            guard let value = fact.isOne ? fact.scale : fact.count(group.values.value(index, bag, evaluator))
            else { continue }
            let series = all[index]
            switch fact.kind {
            case .histogram: self.cells.observe(group.metrics[index].bounds, series, value)
            case .gauge: self.shared.set(series, value)
            case .counter: self.cells.add(series, value)
            }
        }
    }

    /// The most bytes of a label's value; the rest is cut off.
    static let longestLabel = 1024

    @inline(never)
    private func register(_ key: ByteView, _ hash: UInt64) -> SeriesKeyTable.SeriesList {
        // With the table full, an attack by label values must not meet the registry's lock.
        if self.table.isFull {
            self.group.registry.countRefused()
            return self.table.discarded
        }
        var parts: [String] = []
        var at = 0
        while at < key.count {
            let length = Int(key[at]) | Int(key[at + 1]) << 8
            parts.append(key[(at + 2)..<(at + 2 + length)].string)
            at += 2 + length
        }
        let labels = self.group.labels.map { label in
            switch label {
            case .constant(let text): text
            case .part(let index): parts[index]
            }
        }
        let series = self.group.metrics.map { self.group.registry.series($0, labels) }
        return self.table.insert(key, hash: hash, ContiguousArray(series))
    }
}

extension UInt64 {
    fileprivate func multipliedClamping(by factor: UInt64) -> UInt64 {
        let (product, isOver) = self.multipliedReportingOverflow(by: factor)
        return isOver ? .max : product
    }
}
