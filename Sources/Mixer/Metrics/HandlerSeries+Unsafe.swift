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

    private struct Counted {
        let definition: MetricDefinition
        let metric: Metric
        /// Of this metric alone: what is counted anew has another number.
        let shape: RecordShape

        /// Whether an instance looks the same to the handler.
        func isMetric(of instance: InstancePlan) -> Bool {
            self.definition == instance.metricDefinition && self.shape.isAlike(instance.shape)
        }
    }

    private struct State {
        /// By name: the metric that has it.
        var counted: [String: Counted] = [:]
        /// By name: the metric that is to have it, when its configuration comes into force.
        var proposed: [String: Counted] = [:]
        /// Those that were in `counted` before: a report that is under way may still have records of them.
        var formerShapes: [RecordShape] = []
    }

    public init(registry: MetricRegistry, started: UInt64) {
        self.registry = registry
        self.started = started
    }

    /// The registry's metric of an instance, however many rules count it.
    ///
    /// What looks the same to the handler is the same metric again, over reloads, whatever its value and its
    /// dimensions are made of. Where another metric has the name, it is shown after ``adopt(_:)`` only.
    func define(_ instance: InstancePlan) -> Metric {
        guard let definition = instance.metricDefinition else { return .discarded }
        return self.state.withLock { state in
            let holder = state.counted[definition.name]
            if let holder, holder.isMetric(of: instance) { return holder.metric }
            if let known = state.proposed[definition.name], known.isMetric(of: instance) {
                return known.metric
            }
            let fresh = Counted(
                definition: definition, metric: self.registry.propose(definition) ?? .discarded,
                shape: RecordShape(copying: instance.shape))
            if holder == nil {
                state.counted[definition.name] = fresh
            } else {
                state.proposed[definition.name] = fresh
            }
            return fresh.metric
        }
    }

    /// The configuration for which the instance was defined is in force: what another metric of its name has
    /// counted is forgotten.
    func adopt(_ instance: InstancePlan) {
        self.state.withLock { state in
            let name = instance.shape.name
            guard let proposed = state.proposed.removeValue(forKey: name), proposed.isMetric(of: instance)
            else { return }
            if let former = state.counted.updateValue(proposed, forKey: name) {
                state.formerShapes.append(former.shape)
            }
            self.registry.show(proposed.metric)
        }
    }

    public func collect(_ each: (UnsafePointer<postern_record>) -> Void) {
        let counted = self.state.withLock { $0.counted }
        let now = WallTime.now().nanosecondsSinceEpoch
        for family in self.registry.read() {
            // A reload may have changed the one behind the other.
            guard let known = counted[family.definition.name], known.definition == family.definition else {
                continue
            }
            for reading in family.series { self.lend(reading, family.definition, known.shape, now, each) }
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
