internal import Filtering
internal import Primitives
internal import SharedStore
internal import Telemetry

/// What this process offers to filters.
final class ProcessFilterHost: FilterHost, @unchecked Sendable {
    // SAFETY: everything it refers to is synchronised by itself.
    private let telemetry: TelemetryProcess
    private let buckets = SharedBuckets()

    init(_ telemetry: TelemetryProcess) { self.telemetry = telemetry }

    override func defineMetric(
        filter: String, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? {
        let kind: MetricKind =
            switch kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        return self.telemetry.filterDefinedMetrics.define(
            filter: filter, name: name, help: help, kind: kind, bounds: bounds
        ).map(FilterMetric.init(rawValue:))
    }

    override func tokenBuckets(name: String, capacity: UInt64, interval: Duration, keys: Int)
        -> TokenBucketSet?
    {
        self.buckets.buckets(name: name, capacity: capacity, interval: interval, keys: keys).map(
            SharedBucketSet.init)
    }

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
