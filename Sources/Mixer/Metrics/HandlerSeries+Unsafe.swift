public import Adapting
public import CPosternABI
internal import Expressions
internal import Primitives
public import Telemetry

/// The series of one handler's metric instances: defined here, counted by workers, collected by the handler.
public final class HandlerSeries: SeriesSource {
    public let registry: MetricRegistry
    /// Since when series are counted, in nanoseconds since 1970.
    private let started: UInt64
    private let state = Lock(State())

    private struct State {
        /// By name: with what a metric is counted together now.
        var groups: [String: (definitions: [MetricDefinition], metrics: ContiguousArray<Metric>)] = [:]
        /// By the metric's name.
        var shapes: [String: RecordShape] = [:]
    }

    public init(registry: MetricRegistry, started: UInt64) {
        self.registry = registry
        self.started = started
    }

    /// The registry's metrics of instances that are counted together.
    ///
    /// The same definitions give the same metrics again; a name that another definition had is that one's no
    /// more, and its series are forgotten.
    func define(_ instances: ContiguousArray<InstancePlan>) -> ContiguousArray<Metric> {
        let definitions = instances.compactMap(\.metricDefinition)
        return self.state.withLock { state in
            for instance in instances { state.shapes[instance.shape.name] = instance.shape }
            if let known = definitions.first.flatMap({ state.groups[$0.name] }),
                known.definitions == definitions,
                definitions.allSatisfy({ state.groups[$0.name]?.definitions == definitions })
            {
                return known.metrics
            }
            let metrics = ContiguousArray(definitions.map { self.registry.redefine($0) ?? .discarded })
            for definition in definitions { state.groups[definition.name] = (definitions, metrics) }
            return metrics
        }
    }

    public func collect(_ each: (UnsafePointer<postern_record>) -> Void) {
        let shapes = self.state.withLock { $0.shapes }
        let now = WallTime.now().nanosecondsSinceEpoch
        for family in self.registry.read() {
            guard let shape = shapes[family.definition.name] else { continue }
            for reading in family.series { self.lend(reading, family.definition, shape, now, each) }
        }
    }

    private func lend(
        _ reading: MetricReading, _ definition: MetricDefinition, _ shape: RecordShape, _ now: UInt64,
        _ each: (UnsafePointer<postern_record>) -> Void
    ) {
        let count = reading.labels.count
        let text = reading.labels.reduce(into: [UInt8]()) { $0 += $1.utf8 }
        // SAFETY: everything that the record points at lives until `each` has returned, which is what its
        // contract asks for.
        text.withUnsafeBufferPointer { text in
            withUnsafeTemporaryAllocation(of: postern_value.self, capacity: max(count, 1)) { values in
                var start = 0
                for (index, label) in reading.labels.enumerated() {
                    var value = postern_value()
                    value.type = RecordValueType.string.rawValue
                    value.bytes = postern_bytes(
                        ptr: text.baseAddress.map { $0 + start }, len: label.utf8.count)
                    start += label.utf8.count
                    values.initializeElement(at: index, to: value)
                }
                reading.buckets.withUnsafeBufferPointer { buckets in
                    var series = postern_series_value()
                    series.size = MemoryLayout<postern_series_value>.size
                    series.start_ns = Int64(clamping: self.started)
                    series.value = Double(reading.value) / Double(definition.divisor)
                    series.count = reading.count
                    series.buckets = buckets.isEmpty ? nil : buckets.baseAddress
                    withUnsafePointer(to: series) { series in
                        let record = postern_record(
                            shape.abi, UnsafePointer(values.baseAddress), time: now, series: series)
                        withUnsafePointer(to: record, each)
                    }
                }
            }
        }
    }
}
