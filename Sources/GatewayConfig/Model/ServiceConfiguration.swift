/// A service: endpoints that answer alike, and how they are used.
public struct ServiceConfiguration: Sendable, Hashable {
    /// What rules, metrics and logs call it.
    ///
    /// Required; `[A-Za-z0-9._-]`, at most 64 characters. Key `name`.
    public var name: String
    /// Where it answers.
    ///
    /// Required; at least one, each address once. Key `endpoints`.
    public var endpoints: [EndpointConfiguration]
    /// What it speaks.
    ///
    /// Default `http1`; `http1`, `http2` or `auto`. Key `protocol`.
    public var `protocol`: ServiceProtocol
    /// How HTTP/2 is spoken to it.
    ///
    /// Key `http2`.
    public var http2: HTTP2Options
    /// The PROXY header with which connections to it begin; for TCP routes only.
    ///
    /// Default `none`; `none`, `v1` or `v2`. Key `proxyProtocol`.
    public var proxyProtocol: ProxyProtocolSending
    /// The connections kept to it.
    ///
    /// Key `pool`.
    public var pool: PoolLimits
    /// How long it may take.
    ///
    /// Key `timeouts`.
    public var timeouts: ServiceTimeouts
    /// How an endpoint is chosen.
    ///
    /// Default `roundRobin`; `roundRobin`, `random` or `leastRequest`. Key `loadBalancing`.
    public var loadBalancing: LoadBalancing
    /// How its endpoints are asked whether they are well; nil: they are not.
    ///
    /// Default none. Key `healthCheck`.
    public var healthCheck: HealthCheck?
    /// How its names are resolved.
    ///
    /// Key `dns`.
    public var dns: DNSConfiguration

    /// TLS; nil: plain text.
    ///
    /// Key `tls`.
    public var tls: ServiceTLS?

    public init(
        name: String,
        endpoints: [EndpointConfiguration],
        protocol: ServiceProtocol = .http1,
        http2: HTTP2Options = HTTP2Options(),
        proxyProtocol: ProxyProtocolSending = .none,
        pool: PoolLimits = PoolLimits(),
        timeouts: ServiceTimeouts = ServiceTimeouts(),
        loadBalancing: LoadBalancing = .roundRobin,
        healthCheck: HealthCheck? = nil,
        dns: DNSConfiguration = DNSConfiguration(),
        tls: ServiceTLS? = nil
    ) {
        self.name = name
        self.endpoints = endpoints
        self.protocol = `protocol`
        self.http2 = http2
        self.proxyProtocol = proxyProtocol
        self.pool = pool
        self.timeouts = timeouts
        self.loadBalancing = loadBalancing
        self.healthCheck = healthCheck
        self.dns = dns
        self.tls = tls
    }
}
