public import Filtering
internal import Primitives
internal import SharedStore
internal import Synchronization

/// A process that records log lines and defined metrics; its token buckets are the base class's, which allow
/// all.
public final class FakeHost: FilterHost, @unchecked Sendable {
    // SAFETY: the state is in a mutex.
    private struct State {
        var lines: [Line] = []
        var metrics: [String: UInt32] = [:]
        var counted: [UInt32: [UInt64]] = [:]
        var level = FilterLogLevel.trace
        var offloaded: [@Sendable () -> Void] = []
    }
    private let stores = KeyValueStore()

    /// A line of a filter's log.
    public struct Line: Sendable, Hashable {
        public var level: FilterLogLevel
        public var filter: String
        public var message: String
    }

    private let state = Mutex(State())

    public override init() { super.init() }

    public var lines: [Line] { self.state.withLock { $0.lines } }

    /// The least level that is logged.
    public var level: FilterLogLevel {
        get { self.state.withLock { $0.level } }
        set { self.state.withLock { $0.level = newValue } }
    }

    /// The metric that was defined under that name.
    public func metric(filter: String, name: String) -> FilterMetric? {
        self.state.withLock { $0.metrics["\(filter)/\(name)"] }.map(FilterMetric.init(rawValue:))
    }

    public override func defineMetric(
        of owner: MetricOwner, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? {
        self.state.withLock {
            let key = "\(owner.name)/\(name)"
            let number = $0.metrics[key] ?? UInt32($0.metrics.count)
            $0.metrics[key] = number
            return FilterMetric(rawValue: number)
        }
    }

    /// What was added to, set or observed of a metric with its configuration, in order.
    public func counted(_ owner: String, _ name: String) -> [UInt64] {
        self.state.withLock { state in
            state.metrics["\(owner)/\(name)"].flatMap { state.counted[$0] } ?? []
        }
    }

    private func note(_ metric: FilterMetric, _ value: UInt64) {
        self.state.withLock { $0.counted[metric.rawValue, default: []].append(value) }
    }

    public override func add(_ metric: FilterMetric, _ value: UInt64) { self.note(metric, value) }
    public override func set(_ gauge: FilterMetric, _ value: UInt64) { self.note(gauge, value) }
    public override func observe(_ histogram: FilterMetric, _ value: UInt64) { self.note(histogram, value) }

    public override func tokenBuckets(
        name: String, capacity: UInt64, interval: Duration, keys: Int
    ) -> TokenBucketSet? { TokenBucketSet() }

    public override func store(name: String) -> FilterStore { FakeStore(self.stores) }

    /// Queued until ``runOffloaded()``.
    public override func offload(_ work: @escaping @Sendable () -> Void) -> Bool {
        self.state.withLock { $0.offloaded.append(work) }
        return true
    }

    /// Runs what filters have put off, on this thread.
    public func runOffloaded() {
        let work = self.state.withLock { state in
            defer { state.offloaded = [] }
            return state.offloaded
        }
        for piece in work { piece() }
    }

    public override func log(_ level: FilterLogLevel, filter: String, _ message: String) {
        self.state.withLock { $0.lines.append(Line(level: level, filter: filter, message: message)) }
    }

    public override func isLogged(_ level: FilterLogLevel) -> Bool {
        self.state.withLock { level.rawValue >= $0.level.rawValue }
    }
}

/// All names are one table.
private final class FakeStore: FilterStore, @unchecked Sendable {
    // SAFETY: the table is synchronised by itself.
    private let table: KeyValueStore

    init(_ table: KeyValueStore) { self.table = table }

    override func get(_ key: ByteView, now: MonotonicTime) -> [UInt8]? { self.table.get(key.bytes, now: now) }
    override func set(_ key: ByteView, _ value: ByteView, lifetime: UInt64, now: MonotonicTime) -> Bool {
        self.table.set(key.bytes, value.bytes, lifetime: lifetime, now: now)
    }
    override func compareAndSet(
        _ key: ByteView, expected: ByteView?, _ value: ByteView, lifetime: UInt64, now: MonotonicTime
    ) -> Bool {
        self.table.compareAndSet(
            key.bytes, expected: expected?.bytes, value.bytes, lifetime: lifetime, now: now)
    }
    override func increment(_ key: ByteView, by amount: Int64, lifetime: UInt64, now: MonotonicTime)
        -> Int64?
    { self.table.increment(key.bytes, by: amount, lifetime: lifetime, now: now) }
    override func remove(_ key: ByteView, now: MonotonicTime) -> Bool {
        self.table.remove(key.bytes, now: now)
    }
}

extension MetricOwner {
    fileprivate var name: String {
        switch self {
        case .filter(let name), .handler(let name): name
        }
    }
}
