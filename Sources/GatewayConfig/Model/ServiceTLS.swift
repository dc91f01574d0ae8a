/// TLS towards a service.
public struct ServiceTLS: Sendable, Hashable {
    /// The name that endpoints are asked for, and that their certificate must have unless
    /// ``subjectAltNames`` says otherwise.
    ///
    /// Without it the certificate must have the endpoint's address. Key `sni`.
    public var sni: String?
    /// The authorities (PEM); the system's when absent.
    ///
    /// Key `trustedCA`.
    public var trustedCA: String?
    /// Revocation lists (PEM) of every authority in a chain.
    ///
    /// Key `crl`.
    public var crl: String?
    /// Our own certificate, for endpoints that ask for one.
    ///
    /// Keys `certificate` and `key`.
    public var certificate: String?
    public var key: String?
    /// One must match, instead of the name or address.
    ///
    /// Key `subjectAltNames`.
    public var subjectAltNames: [SubjectAltNameMatch]
    /// Whether any certificate is believed.
    ///
    /// Default false. Key `insecureSkipVerify`.
    public var skipsVerification: Bool
    /// Keys `minimumVersion`, `maximumVersion`, `ciphers`, `cipherSuites` and `groups`.
    public var algorithms: TLSAlgorithms
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        sni: String? = nil, trustedCA: String? = nil, crl: String? = nil, certificate: String? = nil,
        key: String? = nil, subjectAltNames: [SubjectAltNameMatch] = [], skipsVerification: Bool = false,
        algorithms: TLSAlgorithms = TLSAlgorithms(), location: ConfigLocation = .none
    ) {
        self.sni = sni
        self.trustedCA = trustedCA
        self.crl = crl
        self.certificate = certificate
        self.key = key
        self.subjectAltNames = subjectAltNames
        self.skipsVerification = skipsVerification
        self.algorithms = algorithms
        self.location = location
    }
}
