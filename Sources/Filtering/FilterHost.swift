public import Primitives

/// A metric that a filter defined, by number.
public struct FilterMetric: Sendable, Hashable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

public enum FilterMetricKind: UInt8, Sendable {
    case counter, gauge, histogram
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

    /// Defines a metric of the filter `filter`, exported with the label `filter`; the same definition gives
    /// the same number again.
    ///
    /// - Parameter name: `[a-z][a-z0-9_]*`, exported as `postern_filter_<name>`.
    /// - Parameter bounds: Upper bounds of a histogram's buckets, ascending; empty for the others.
    /// - Returns: nil when the name is malformed or is taken by a metric of another kind.
    open func defineMetric(
        filter: String, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? { nil }

    /// Adds to a counter that ``defineMetric(filter:name:help:kind:bounds:)`` gave. From any thread.
    open func count(_ counter: FilterMetric, _ value: UInt64) {}

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
