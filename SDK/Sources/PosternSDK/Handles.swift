public import CPosternABI

/// A compiled attribute of one configuration; see ``FilterHost/attribute(_:at:)``.
public struct Attribute: Sendable, Hashable {
    @usableFromInline let id: postern_attribute
}

/// A number that only grows; see ``FilterHost/counter(_:help:)``.
public struct Counter: Sendable, Hashable {
    @usableFromInline let id: postern_metric
}

/// A number that goes up and down; see ``FilterHost/gauge(_:help:)``.
public struct Gauge: Sendable, Hashable {
    @usableFromInline let id: postern_metric
}

/// Values counted by size; see ``FilterHost/histogram(_:help:bounds:)``.
public struct Histogram: Sendable, Hashable {
    @usableFromInline let id: postern_metric
}

/// Buckets of tokens by key; see ``FilterHost/tokenBuckets(_:capacity:interval:keys:)``.
public struct TokenBuckets: Sendable, Hashable {
    @usableFromInline let id: postern_token_buckets
}

/// What became of taking tokens.
public struct TokenAnswer: Sendable, Hashable {
    /// Whether the tokens were taken.
    public let isAllowed: Bool
    /// Whole tokens left.
    public let remaining: UInt64
    /// Until the same call would be allowed; zero when it was.
    public let retryAfter: Duration
    /// Until the bucket is full again.
    public let reset: Duration

    @usableFromInline
    init(_ answer: postern_token_answer, isAllowed: Bool) {
        self.isAllowed = isAllowed
        self.remaining = answer.remaining
        self.retryAfter = .nanoseconds(Int64(clamping: answer.retry_after_ns))
        self.reset = .nanoseconds(Int64(clamping: answer.reset_ns))
    }
}
