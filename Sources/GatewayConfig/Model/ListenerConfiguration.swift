/// A socket that takes in connections, and what holds for each of them and every request on it.
public struct ListenerConfiguration: Sendable {
    /// What routes, metrics and logs call it.
    ///
    /// Required; `[A-Za-z0-9._-]`, at most 64 characters. Key `name`.
    public var name: String
    /// Where it listens; port 0 takes any free port, for each listener its own.
    ///
    /// Required. Key `address`.
    public var address: ListenAddress
    /// What clients speak.
    ///
    /// Default `http`; `auto`, `http` or `tcp`. Key `protocol`.
    public var `protocol`: ListenerProtocol
    /// Whether clients begin with a PROXY header.
    ///
    /// Default `none`; `none` or `accept`. Key `proxyProtocol`.
    public var proxyProtocol: ProxyProtocolAcceptance
    /// The most connections at a time, of all workers together; further ones are closed. nil: no limit.
    ///
    /// Default none; 1...1000000. Key `maxConnections`.
    public var maxConnections: Int?
    /// How many proxies in front of it are believed.
    ///
    /// Key `forwarded`.
    public var forwarded: ForwardedPolicy
    /// What is made uniform in a path before any filter sees it.
    ///
    /// Key `normalizePath`.
    public var pathNormalization: PathNormalization
    /// How large a request head may be.
    ///
    /// Key `limits`.
    public var limits: RequestLimits
    /// How long a client may take.
    ///
    /// Key `timeouts`.
    public var timeouts: ListenerTimeouts
    /// How HTTP/2 is spoken with clients.
    ///
    /// Key `http2`.
    public var http2: HTTP2Options
    /// Whether CONNECT requests pass.
    ///
    /// Default false. Key `allowConnect`.
    public var allowsConnect: Bool
    /// The `Upgrade` tokens that pass, in lower case; all others are stripped.
    ///
    /// Default `[websocket]`. Key `upgrades`.
    public var upgrades: [String]
    /// The filters of every request here, in this order.
    ///
    /// Default none; names are unique within the listener. Key `filters`.
    public var filters: [FilterConfiguration]
    /// TLS; nil: plain text.
    ///
    /// Key `tls`.
    public var tls: ListenerTLS?
    /// What services are told of a client's certificate.
    ///
    /// Key `forwardClientCertificate`.
    public var clientCertificateForwarding: ClientCertificateForwarding
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        name: String,
        address: ListenAddress,
        protocol: ListenerProtocol = .http,
        proxyProtocol: ProxyProtocolAcceptance = .none,
        maxConnections: Int? = nil,
        forwarded: ForwardedPolicy = ForwardedPolicy(),
        pathNormalization: PathNormalization = PathNormalization(),
        limits: RequestLimits = RequestLimits(),
        timeouts: ListenerTimeouts = ListenerTimeouts(),
        http2: HTTP2Options = HTTP2Options(),
        allowsConnect: Bool = false,
        upgrades: [String] = ["websocket"],
        filters: [FilterConfiguration] = [],
        tls: ListenerTLS? = nil,
        clientCertificateForwarding: ClientCertificateForwarding = ClientCertificateForwarding(),
        location: ConfigLocation = .none
    ) {
        self.name = name
        self.address = address
        self.protocol = `protocol`
        self.proxyProtocol = proxyProtocol
        self.maxConnections = maxConnections
        self.forwarded = forwarded
        self.pathNormalization = pathNormalization
        self.limits = limits
        self.timeouts = timeouts
        self.http2 = http2
        self.allowsConnect = allowsConnect
        self.upgrades = upgrades
        self.filters = filters
        self.tls = tls
        self.clientCertificateForwarding = clientCertificateForwarding
        self.location = location
    }
}
