public import Primitives

/// The series of one filter, by phase; made while a snapshot is compiled
/// (``FilterMetrics/series(filter:phases:)``).
public struct FilterSeries: Sendable {
    /// The most phases.
    public static let phaseLimit = 8
    /// Where each phase's cells begin: calls, errors, then the histogram.
    @usableFromInline var phases: InlineArray<8, MetricSeries> = .init(repeating: .discarded)

    /// Takes every value and shows none.
    public static let discarded = FilterSeries()

    @inlinable
    public subscript(phase: Int) -> MetricSeries { self.phases[phase & 7] }
}

/// What is measured of every filter: calls, errors and times.
///
/// `postern_filter_calls_total` and `postern_filter_errors_total` are exact. Reading the clock twice a call
/// is dear, so times are taken in one exchange of ``weight``, picked at random, and each counts ``weight``
/// times in `postern_filter_duration_seconds`: its `_count` and `_sum` are estimates without bias, and
/// consistent with each other.
public struct FilterMetrics: Sendable {
    /// One exchange in so many is timed.
    public static let weight: UInt64 = 16

    private let registry: MetricRegistry
    private let calls: Metric
    private let errors: Metric
    private let duration: Metric

    public init(_ registry: MetricRegistry) {
        self.registry = registry
        let labels = ["filter", "phase"]
        self.calls =
            registry.define(
                .init(
                    name: "postern_filter_calls_total", help: "Calls of a filter's hooks.", kind: .counter,
                    labels: labels)) ?? .discarded
        self.errors =
            registry.define(
                .init(
                    name: "postern_filter_errors_total", help: "Calls of a filter's hooks that failed.",
                    kind: .counter, labels: labels)) ?? .discarded
        self.duration =
            registry.define(
                .init(
                    name: "postern_filter_duration_seconds",
                    help:
                        "Time in a filter's hooks, taken in one exchange of \(Self.weight).",
                    kind: .histogram, labels: labels,
                    bounds: [
                        100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000,
                        5_000_000,
                        10_000_000, 100_000_000,
                    ],
                    divisor: 1_000_000_000)) ?? .discarded
    }

    /// The series of the filter called `filter`, the same ones for every place and every reload. Locks and
    /// allocates.
    ///
    /// - Parameter phases: The phases' labels by number, nil for those in which the filter takes no part; at
    ///   most ``FilterSeries/phaseLimit``.
    public func series(filter: String, phases: [String?]) -> FilterSeries {
        var series = FilterSeries()
        for (index, phase) in phases.prefix(FilterSeries.phaseLimit).enumerated() {
            guard let phase else { continue }
            series.phases[index] = self.registry.group(
                [self.calls, self.errors, self.duration], [filter, phase])
        }
        return series
    }

    /// The bounds of the duration's buckets, for ``FilterTimes``.
    var bounds: HistogramBounds { self.duration.bounds }
}

/// One worker's stopwatch for filters, for its thread only.
///
///     exchange.isTimed = times.begin()              // once an exchange
///     let start = times.start(exchange.isTimed)     // before a hook
///     times.stop(place.series, phase, start)        // after it
public final class FilterTimes {
    private let cells: MetricCells
    private let bounds: HistogramBounds
    private var random: RandomSource
    private var untilNext: UInt64

    public init(_ metrics: FilterMetrics, _ cells: MetricCells, random: RandomSource = RandomSource()) {
        self.cells = cells
        self.bounds = metrics.bounds
        self.random = random
        self.untilNext = Self.gap(&self.random)
    }

    /// Whether the filters of the exchange that begins are timed; random, so that no pattern of traffic hides
    /// from it.
    public func begin() -> Bool {
        self.untilNext -= 1
        guard self.untilNext == 0 else { return false }
        self.untilNext = Self.gap(&self.random)
        return true
    }

    /// Call before a hook. Costs a branch when not timed.
    ///
    /// - Returns: What ``stop(_:_:)`` wants; 0 when not timed.
    @inline(__always)
    public func start(_ isTimed: Bool) -> UInt64 { isTimed ? MonotonicTime.now().nanoseconds : 0 }

    /// Call after a hook, also a failed one: counts the call, and its time when it was taken.
    @inline(__always)
    public func stop(_ series: MetricSeries, _ start: UInt64) {
        self.cells.add(series)
        if start != 0 { self.observe(series, MonotonicTime.now().nanoseconds &- start) }
    }

    /// Call when a hook failed, besides ``stop(_:_:)``.
    public func failed(_ series: MetricSeries) { self.cells.add(series.advanced(by: 1)) }

    @inline(never)
    func observe(_ series: MetricSeries, _ nanoseconds: UInt64) {
        self.cells.observe(self.bounds, series.advanced(by: 2), nanoseconds, weight: FilterMetrics.weight)
    }

    /// 1...31 with equal chance, 16 on average: ``FilterMetrics/weight``.
    private static func gap(_ random: inout RandomSource) -> UInt64 {
        random.next() % (2 * FilterMetrics.weight - 1) + 1
    }
}
