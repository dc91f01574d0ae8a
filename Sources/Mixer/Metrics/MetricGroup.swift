internal import Adapting
internal import Expressions
internal import Primitives
internal import Telemetry

/// Metric instances of one handler that have the same dimensions: one look-up counts them all. Shared by all
/// workers.
final class MetricGroup: Sendable {
    let instances: ContiguousArray<InstancePlan>
    /// The registry's metrics, in the order of `instances`.
    let metrics: ContiguousArray<Metric>
    /// By dimension; those that are the same for every request are in no key.
    let fields: ContiguousArray<FieldPlan>
    let registry: MetricRegistry

    init(
        _ instances: ContiguousArray<InstancePlan>, _ metrics: ContiguousArray<Metric>,
        available: Set<AttributeID>, in registry: MetricRegistry
    ) {
        self.instances = instances
        self.metrics = metrics
        self.fields = ContiguousArray(
            (instances.first?.fields ?? []).map { FieldPlan($0, available: available) })
        self.registry = registry
    }

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
        // Where bounds are in the shown unit, counted values are so many times larger.
        let factor = Double(metric.divisor)
        return MetricDefinition(
            name: self.shape.name, help: series.help, kind: kind, labels: self.shape.columns.map(\.name),
            bounds: series.bounds.map { UInt64(($0 * factor).rounded()) }, divisor: metric.divisor)
    }
}

/// One worker's counting in a group.
final class MetricCounter {
    let group: MetricGroup
    private let cells: MetricCells
    private var table: SeriesKeyTable

    init(_ group: MetricGroup, _ cells: MetricCells) {
        self.group = group
        self.cells = cells
        self.table = SeriesKeyTable(limit: group.registry.seriesLimit)
    }

    /// Counts one request.
    ///
    /// - Parameter key: Where the key is put together; the caller's, used again.
    func count(_ bag: AttributeBag, _ evaluator: Evaluator, key: ByteBuffer) {
        let group = self.group
        key.reset()
        for index in group.fields.indices {
            guard case .expression(let expression) = group.fields[index] else { continue }
            let start = key.writeIndex
            key.append(0)
            key.append(0)
            let value = expression.evaluate(bag, with: evaluator)
            if !value.isError { evaluator.write(value, to: key) }
            let length = min(key.writeIndex &- start &- 2, Self.longestLabel)
            key.writeIndex = start &+ 2 &+ length
            key.replace(at: start, with: UInt8(truncatingIfNeeded: length))
            key.replace(at: start &+ 1, with: UInt8(truncatingIfNeeded: length >> 8))
        }
        let hash = key.view.mixedHash
        var series = self.table.find(key.view, hash: hash) ?? self.register(key.view, hash)
        for index in group.metrics.indices {
            let metric = group.metrics[index]
            let value = Self.value(of: group.instances[index], bag, evaluator)
            if let value {
                switch group.instances[index].shape.series?.kind {
                case .histogram: self.cells.observe(metric.bounds, series, value)
                case .gauge: self.cells.set(series, value)
                case .counter, nil: self.cells.add(series, value)
                }
            }
            series = series.advanced(by: metric.cells)
        }
    }

    /// The most bytes of a label's value; the rest is cut off.
    static let longestLabel = 1024

    /// - Returns: nil when the value is absent, and nothing is counted.
    private static func value(of instance: InstancePlan, _ bag: AttributeBag, _ evaluator: Evaluator)
        -> UInt64?
    {
        guard let metric = instance.metric else { return nil }
        guard let expression = metric.value else { return metric.scale }
        let value = expression.evaluate(bag, with: evaluator)
        switch value.kind {
        case .int: return UInt64(clamping: value.asInt ?? 0).multipliedClamping(by: metric.scale)
        case .uint: return (value.asUInt ?? 0).multipliedClamping(by: metric.scale)
        case .duration: return UInt64(clamping: value.asDuration ?? 0)
        case .double:
            let scaled = (value.asDouble ?? 0) * Double(metric.scale)
            return scaled >= 0 && scaled < 1.8e19 ? UInt64(scaled.rounded()) : 0
        default: return nil
        }
    }

    @inline(never)
    private func register(_ key: ByteView, _ hash: UInt64) -> MetricSeries {
        // With the table full, an attack by label values must not meet the registry's lock.
        if self.table.isFull {
            self.group.registry.countRefused()
            return .discarded
        }
        var labels: [String] = []
        var at = 0
        for field in self.group.fields {
            switch field {
            case .constant(let constant): labels.append(constant.text)
            case .expression:
                let length = Int(key[at]) | Int(key[at + 1]) << 8
                labels.append(key[(at + 2)..<(at + 2 + length)].string)
                at += 2 + length
            }
        }
        let series = self.group.registry.group(Array(self.group.metrics), labels)
        self.table.insert(key, hash: hash, series)
        return series
    }
}

extension UInt64 {
    fileprivate func multipliedClamping(by factor: UInt64) -> UInt64 {
        let (product, isOver) = self.multipliedReportingOverflow(by: factor)
        return isOver ? .max : product
    }
}
