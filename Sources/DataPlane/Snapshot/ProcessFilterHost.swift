internal import Filtering
internal import Primitives
internal import SharedStore
internal import Telemetry

/// What this process offers to filters.
final class ProcessFilterHost: FilterHost, @unchecked Sendable {
    // SAFETY: everything it refers to is synchronised by itself.
    private let telemetry: TelemetryProcess
    private let buckets = SharedBuckets()
    private let stores = KeyValueStore()
    private let offloads = OffloadPool()

    init(_ telemetry: TelemetryProcess) { self.telemetry = telemetry }

    override func defineMetric(
        of owner: MetricOwner, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? {
        let kind: MetricKind =
            switch kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        let metrics = self.telemetry.filterDefinedMetrics
        let number =
            switch owner {
            case .filter(let filter):
                metrics.define(filter: filter, name: name, help: help, kind: kind, bounds: bounds)
            case .handler(let handler):
                metrics.define(handler: handler, name: name, help: help, kind: kind, bounds: bounds)
            }
        return number.map(FilterMetric.init(rawValue:))
    }

    override func add(_ metric: FilterMetric, _ value: UInt64) {
        self.telemetry.filterDefinedMetrics.addAtomically(metric.rawValue, value)
    }

    override func set(_ gauge: FilterMetric, _ value: UInt64) {
        self.telemetry.filterDefinedMetrics.setAtomically(gauge.rawValue, value)
    }

    override func observe(_ histogram: FilterMetric, _ value: UInt64) {
        self.telemetry.filterDefinedMetrics.observeAtomically(histogram.rawValue, value)
    }

    override func tokenBuckets(name: String, capacity: UInt64, interval: Duration, keys: Int)
        -> TokenBucketSet?
    {
        self.buckets.buckets(name: name, capacity: capacity, interval: interval, keys: keys).map(
            SharedBucketSet.init)
    }

    override func store(name: String) -> FilterStore { NamedStore(self.stores, name: name) }

    override func offload(_ work: @escaping @Sendable () -> Void) -> Bool { self.offloads.run(work) }

    override func log(_ level: FilterLogLevel, filter: String, _ message: String) {
        self.telemetry.log.write(LogLevel(level), "filter", message, ["filter": "\(filter)"])
    }

    override func isLogged(_ level: FilterLogLevel) -> Bool { self.telemetry.log.isLogged(LogLevel(level)) }

    /// Forgets buckets that no filter holds any more; to be called now and then.
    func sweep(_ now: MonotonicTime) { self.buckets.sweep(now) }
}

private final class SharedBucketSet: TokenBucketSet, @unchecked Sendable {
    // SAFETY: the buckets are synchronised by themselves.
    private let buckets: TokenBuckets

    init(_ buckets: TokenBuckets) { self.buckets = buckets }

    override func take(_ tokens: UInt64, key: ByteView, now: MonotonicTime) -> TokenBucketAnswer {
        let answer = self.buckets.take(tokens, key: key, now: now)
        return TokenBucketAnswer(
            isAllowed: answer.isAllowed, remaining: answer.remaining, retryAfter: answer.retryAfter,
            reset: answer.reset
        )
    }
}

/// The part of the process's table whose keys begin with a filter's name.
private final class NamedStore: FilterStore, @unchecked Sendable {
    // SAFETY: the table is synchronised by itself.
    private let all: KeyValueStore
    private let prefix: [UInt8]

    init(_ all: KeyValueStore, name: String) {
        self.all = all
        self.prefix = Array(name.utf8) + [0]
    }

    private func full(_ key: ByteView) -> [UInt8]? {
        key.count <= Self.keyLimit ? self.prefix + key.bytes : nil
    }

    override func get(_ key: ByteView, now: MonotonicTime) -> [UInt8]? {
        self.full(key).flatMap { self.all.get($0, now: now) }
    }

    override func set(_ key: ByteView, _ value: ByteView, lifetime: UInt64, now: MonotonicTime) -> Bool {
        guard let key = self.full(key), value.count <= Self.valueLimit else { return false }
        return self.all.set(key, value.bytes, lifetime: lifetime, now: now)
    }

    override func compareAndSet(
        _ key: ByteView, expected: ByteView?, _ value: ByteView, lifetime: UInt64, now: MonotonicTime
    ) -> Bool {
        guard let key = self.full(key), value.count <= Self.valueLimit else { return false }
        return self.all.compareAndSet(
            key, expected: expected?.bytes, value.bytes, lifetime: lifetime, now: now)
    }

    override func increment(_ key: ByteView, by amount: Int64, lifetime: UInt64, now: MonotonicTime)
        -> Int64?
    {
        self.full(key).flatMap { self.all.increment($0, by: amount, lifetime: lifetime, now: now) }
    }

    override func remove(_ key: ByteView, now: MonotonicTime) -> Bool {
        self.full(key).map { self.all.remove($0, now: now) } ?? false
    }
}

extension LogLevel {
    init(_ level: FilterLogLevel) {
        switch level {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
