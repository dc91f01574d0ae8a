public import Primitives

/// A metric that a filter defined, by number.
public struct FilterMetric: Sendable, Hashable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

public enum FilterMetricKind: UInt8, Sendable {
    case counter, gauge, histogram
}

/// Whose a metric is: its name in the label, and where the metric's own name begins.
public enum MetricOwner: Sendable, Hashable {
    /// Exported as `postern_filter_<name>` with the label `filter`.
    case filter(String)
    /// Exported as `postern_adapter_<name>` with the label `handler`.
    case handler(String)
}

/// How loud a line of a filter's log is.
public enum FilterLogLevel: UInt8, Sendable, CaseIterable {
    case trace, debug, info, warning, error, critical
}

/// What the process offers to a filter while it is configured, and to its blueprint afterwards, from any
/// thread.
open class FilterHost: @unchecked Sendable {
    // SAFETY: no stored state here; a subclass synchronises its own.
    public init() {}

    /// Defines a metric, exported as ``MetricOwner`` says; the same definition gives the same number again.
    ///
    /// - Parameter name: `[a-z][a-z0-9_]*`.
    /// - Parameter bounds: Upper bounds of a histogram's buckets, ascending; empty for the others.
    /// - Returns: nil when the name is malformed or is taken by a metric of another kind.
    open func defineMetric(
        of owner: MetricOwner, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? { nil }

    // What ``defineMetric(of:name:help:kind:bounds:)`` gave, from any thread; on a stream's own, its worker
    // counts with less effort.

    /// Adds to a counter, or to a gauge.
    open func add(_ metric: FilterMetric, _ value: UInt64) {}
    /// Sets a gauge.
    open func set(_ gauge: FilterMetric, _ value: UInt64) {}
    /// Counts a value in a histogram.
    open func observe(_ histogram: FilterMetric, _ value: UInt64) {}

    /// The token buckets called `name`, shared by all workers and kept by every reload that asks for the
    /// same.
    ///
    /// - Parameters:
    ///   - capacity: Tokens in a full bucket; 1 or more.
    ///   - interval: In which an empty bucket fills up.
    ///   - keys: The most keys remembered at once.
    open func tokenBuckets(
        name: String, capacity: UInt64, interval: Duration, keys: Int
    ) -> TokenBucketSet? { nil }

    /// The table of keys and values called `name`, shared by all workers and kept by every reload.
    open func store(name: String) -> FilterStore { FilterStore() }

    /// Runs `work`, which may block, on a thread of a small pool. From any thread.
    ///
    /// - Returns: false when too much waits already; `work` is dropped then.
    open func offload(_ work: @escaping @Sendable () -> Void) -> Bool { false }

    /// Writes a line to the process's log.
    open func log(_ level: FilterLogLevel, filter: String, _ message: String) {}

    /// Whether a line of that level would be written; ask before building an expensive one.
    open func isLogged(_ level: FilterLogLevel) -> Bool { false }
}

/// Buckets of tokens by key, shared by all workers.
open class TokenBucketSet: @unchecked Sendable {
    // SAFETY: no stored state here; a subclass synchronises its own.
    public init() {}

    /// Takes `tokens` from the bucket of `key`, all or none. From any thread; never blocks for long.
    open func take(_ tokens: UInt64, key: ByteView, now: MonotonicTime) -> TokenBucketAnswer {
        TokenBucketAnswer(isAllowed: true, remaining: 0, retryAfter: 0, reset: 0)
    }
}

public struct TokenBucketAnswer: Sendable, Hashable {
    /// Whether the tokens were taken.
    public var isAllowed: Bool
    /// Whole tokens left.
    public var remaining: UInt64
    /// Nanoseconds until the same call would be allowed; 0 when it was.
    public var retryAfter: UInt64
    /// Nanoseconds until the bucket is full again.
    public var reset: UInt64

    @inlinable
    public init(isAllowed: Bool, remaining: UInt64, retryAfter: UInt64, reset: UInt64) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.reset = reset
    }
}
