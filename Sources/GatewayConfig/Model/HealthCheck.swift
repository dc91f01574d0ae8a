/// How a service's endpoints are asked whether they are well.
public struct HealthCheck: Sendable, Hashable {
    /// What is asked.
    public enum Kind: Sendable, Hashable {
        /// GET of a path; 2xx is well. Key `path`.
        case http(path: String)
        /// gRPC's health service; SERVING is well. The service's name, empty for the whole server. Key
        /// `grpc`.
        case grpc(service: String)
    }

    /// Required: exactly one of the keys `path` and `grpc`.
    public var kind: Kind
    /// From one question to the next, give or take a tenth.
    ///
    /// Default 5s; 1ms...24h. Key `interval`.
    public var interval: Duration
    /// The longest wait for an answer; later is not well.
    ///
    /// Default 2s; 1ms...24h. Key `timeout`.
    public var timeout: Duration
    /// Good answers in a row after which an endpoint gets requests again.
    ///
    /// Default 2; 1...100. Key `healthyThreshold`.
    public var healthyThreshold: Int
    /// Bad answers in a row after which it gets none.
    ///
    /// Default 3; 1...100. Key `unhealthyThreshold`.
    public var unhealthyThreshold: Int

    public init(
        kind: Kind = .http(path: "/"),
        interval: Duration = .seconds(5),
        timeout: Duration = .seconds(2),
        healthyThreshold: Int = 2,
        unhealthyThreshold: Int = 3
    ) {
        self.kind = kind
        self.interval = interval
        self.timeout = timeout
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
    }
}
