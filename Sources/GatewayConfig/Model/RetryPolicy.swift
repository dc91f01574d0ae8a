/// When and how often a request is sent to a service again.
public struct RetryPolicy: Sendable, Hashable {
    /// How many times a request may be sent in all, the first included.
    ///
    /// Default 2; 1...10. Key `attempts`.
    public var attempts: Int
    /// The longest wait of one attempt for the head of its response; nil: no limit but the request's.
    ///
    /// Default none; 1ms...24h. Key `perTryTimeout`.
    public var perTryTimeout: Duration?
    /// What makes an attempt fail.
    ///
    /// Default `connect-failure`, `refused-stream`, `cancelled` and `unavailable`. Key `retryOn`.
    public var retryOn: [RetryCondition]

    public init(
        attempts: Int = 2,
        perTryTimeout: Duration? = nil,
        retryOn: [RetryCondition] = [.connectFailure, .refusedStream, .cancelled, .unavailable]
    ) {
        self.attempts = attempts
        self.perTryTimeout = perTryTimeout
        self.retryOn = retryOn
    }
}
