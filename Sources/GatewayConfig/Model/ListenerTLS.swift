/// TLS of a listener.
public struct ListenerTLS: Sendable, Hashable {
    /// Picked by the name that a client asks for, the first for all others.
    ///
    /// Required; at least one. Key `certificates`.
    public var certificates: [CertificateConfiguration]
    /// Keys `minimumVersion`, `maximumVersion`, `ciphers`, `cipherSuites` and `groups`.
    public var algorithms: TLSAlgorithms
    /// Protocols to agree on, the preferred first; nil: `h2` and `http/1.1`, none where bytes pass as they
    /// are.
    ///
    /// Key `alpn`.
    public var alpn: [String]?
    /// Key `clientAuthentication`.
    public var clientAuthentication: ClientAuthentication
    /// Key `sessionTickets`.
    public var sessionTickets: SessionTickets
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        certificates: [CertificateConfiguration], algorithms: TLSAlgorithms = TLSAlgorithms(),
        alpn: [String]? = nil, clientAuthentication: ClientAuthentication = ClientAuthentication(),
        sessionTickets: SessionTickets = SessionTickets(), location: ConfigLocation = .none
    ) {
        self.certificates = certificates
        self.algorithms = algorithms
        self.alpn = alpn
        self.clientAuthentication = clientAuthentication
        self.sessionTickets = sessionTickets
        self.location = location
    }
}
