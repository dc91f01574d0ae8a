internal import Primitives
internal import Synchronization

/// The metrics that filters and handlers define for themselves, by number; what a host hands on from
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
        self.define("postern_filter_", label: "filter", of: filter, name, help, kind, bounds)
    }

    /// As ``define(filter:name:help:kind:bounds:)``: `postern_adapter_<name>` with the label `handler`.
    public func define(handler: String, name: String, help: String, kind: MetricKind, bounds: [UInt64])
        -> UInt32?
    {
        self.define("postern_adapter_", label: "handler", of: handler, name, help, kind, bounds)
    }

    private func define(
        _ prefix: String, label: String, of owner: String, _ name: String, _ help: String, _ kind: MetricKind,
        _ bounds: [UInt64]
    ) -> UInt32? {
        guard let first = name.utf8.first, first &- 0x61 < 26,
            name.utf8.allSatisfy({ $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F }),
            let metric = self.registry.define(
                MetricDefinition(
                    name: prefix + name, help: help, kind: kind, labels: [label], bounds: bounds))
        else { return nil }
        return self.numbers.withLock { numbers in
            let key = "\(prefix)\(name) \(owner)"
            if let known = numbers[key] { return known }
            let number = numbers.count
            guard number < Self.limit else { return nil }
            let entry = Entry(
                series: self.registry.series(metric, [owner]), bounds: metric.bounds, kind: kind)
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

    /// As ``add(_:_:in:)``, from any thread.
    public func addAtomically(_ number: UInt32, _ value: UInt64) {
        guard let entry = self.entry(number), entry.kind != .histogram else { return }
        self.registry.shared.addAtomically(entry.series, value)
    }

    /// As ``set(_:_:in:)``, from any thread.
    public func setAtomically(_ number: UInt32, _ value: UInt64) {
        self.set(number, value, in: self.registry.shared)
    }

    /// As ``observe(_:_:in:)``, from any thread.
    public func observeAtomically(_ number: UInt32, _ value: UInt64) {
        guard let entry = self.entry(number), entry.kind == .histogram else { return }
        self.registry.shared.observeAtomically(entry.bounds, entry.series, value)
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
