internal import Primitives
internal import Synchronization

/// The metrics that filters define for themselves, by number; what a host hands on from
/// `FilterHost.defineMetric` and `FilterWorker.add`, `set` and `observe`.
///
/// Defining locks and allocates; counting does neither, and ignores numbers never given and the wrong kind.
public final class FilterDefinedMetrics: @unchecked Sendable {
    // SAFETY: `entries` has `limit` places, allocated here and freed in deinit; an entry is written once,
    // under the lock, before `count` is stored with release, and read only below a `count` loaded with
    // acquire.
    private struct Entry {
        let series: MetricSeries
        let bounds: HistogramBounds
        let kind: MetricKind
    }
    private let entries: UnsafeMutablePointer<Entry>
    private let count = Atomic<Int>(0)
    private let numbers = Lock<[String: UInt32]>([:])
    private let registry: MetricRegistry

    /// The most metrics of all filters.
    public static let limit = 4096

    public init(_ registry: MetricRegistry) {
        self.registry = registry
        self.entries = .allocate(capacity: Self.limit)
    }

    deinit { self.entries.deallocate() }

    /// Defines `postern_filter_<name>` with the label `filter`; the same definition gives the same number
    /// again.
    ///
    /// - Parameter name: `[a-z][a-z0-9_]*`.
    /// - Returns: nil when name or bounds are malformed, when the name is taken by a metric of another kind
    ///   or with other bounds, and past ``limit``.
    public func define(filter: String, name: String, help: String, kind: MetricKind, bounds: [UInt64])
        -> UInt32?
    {
        guard let first = name.utf8.first, first &- 0x61 < 26,
            name.utf8.allSatisfy({ $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F }),
            let metric = self.registry.define(
                MetricDefinition(
                    name: "postern_filter_\(name)", help: help, kind: kind, labels: ["filter"], bounds: bounds
                ))
        else { return nil }
        return self.numbers.withLock { numbers in
            let key = "\(name) \(filter)"
            if let known = numbers[key] { return known }
            let number = numbers.count
            guard number < Self.limit else { return nil }
            let entry = Entry(
                series: self.registry.series(metric, [filter]), bounds: metric.bounds, kind: kind)
            (self.entries + number).initialize(to: entry)
            self.count.store(number + 1, ordering: .releasing)
            numbers[key] = UInt32(number)
            return UInt32(number)
        }
    }

    /// Adds to a counter, or to a gauge.
    public func add(_ number: UInt32, _ value: UInt64, in cells: MetricCells) {
        guard let entry = self.entry(number), entry.kind != .histogram else { return }
        cells.add(entry.series, value)
    }

    /// Adds to a counter; from any thread.
    public func addAtomically(_ number: UInt32, _ value: UInt64) {
        guard let entry = self.entry(number), entry.kind == .counter else { return }
        self.registry.shared.addAtomically(entry.series, value)
    }

    /// Sets a gauge, of which the sum over all workers is shown.
    public func set(_ number: UInt32, _ value: UInt64, in cells: MetricCells) {
        guard let entry = self.entry(number), entry.kind == .gauge else { return }
        cells.set(entry.series, value)
    }

    /// Counts a value in a histogram.
    public func observe(_ number: UInt32, _ value: UInt64, in cells: MetricCells) {
        guard let entry = self.entry(number), entry.kind == .histogram else { return }
        cells.observe(entry.bounds, entry.series, value)
    }

    private func entry(_ number: UInt32) -> Entry? {
        Int(number) < self.count.load(ordering: .acquiring) ? self.entries[Int(number)] : nil
    }
}
