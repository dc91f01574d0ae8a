/// The connections that each worker keeps to a service.
public struct PoolLimits: Sendable, Hashable {
    /// The most connections of one worker to the whole service, busy and idle.
    ///
    /// Default 1024; 1...65536. Key `maxConnections`.
    public var maxConnections: Int
    /// How long an unused connection is kept.
    ///
    /// Default 60s; 1ms...24h. Key `idleTimeout`.
    public var idleTimeout: Duration

    public init(maxConnections: Int = 1024, idleTimeout: Duration = .seconds(60)) {
        self.maxConnections = maxConnections
        self.idleTimeout = idleTimeout
    }
}
