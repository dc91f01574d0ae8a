/// Whether clients must show a certificate, and which are believed.
public struct ClientAuthentication: Sendable, Hashable {
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        case none
        /// A client may come without, but a certificate that it shows must be good.
        case optional
        case require
    }

    /// Default `none`. Key `mode`.
    public var mode: Mode
    /// The authorities (PEM).
    ///
    /// Required unless `mode` is `none`. Key `trustedCA`.
    public var trustedCA: String?
    /// Revocation lists (PEM) of every authority in a chain.
    ///
    /// Key `crl`.
    public var crl: String?
    /// One must match, when there are any.
    ///
    /// Key `subjectAltNames`.
    public var subjectAltNames: [SubjectAltNameMatch]
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        mode: Mode = .none, trustedCA: String? = nil, crl: String? = nil,
        subjectAltNames: [SubjectAltNameMatch] = [], location: ConfigLocation = .none
    ) {
        self.mode = mode
        self.trustedCA = trustedCA
        self.crl = crl
        self.subjectAltNames = subjectAltNames
        self.location = location
    }
}
