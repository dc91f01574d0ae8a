/// What becomes of `X-Forwarded-Client-Cert`, which tells services who the client is.
public struct ClientCertificateForwarding: Sendable, Hashable {
    public enum Policy: String, Sendable, Hashable, CaseIterable {
        /// What a client sends is dropped.
        case sanitise
        /// What the client sends is kept, when it has shown a certificate, and that one added behind it.
        case append
        /// What a client sends is replaced by the certificate that it has shown.
        case set
        /// What the client sends is kept as it is, when it has shown a certificate.
        case forward
    }

    /// Default `sanitise`. Key `policy`.
    public var policy: Policy
    /// Whether the certificate itself is told, too (`Cert`).
    ///
    /// Default false. Key `certificate`.
    public var includesCertificate: Bool
    /// Whether the certificate and those behind it are told (`Chain`).
    ///
    /// Default false. Key `chain`.
    public var includesChain: Bool

    /// Whether services are told of every client's chain.
    public var tellsChain: Bool { self.includesChain && (self.policy == .set || self.policy == .append) }

    public init(policy: Policy = .sanitise, includesCertificate: Bool = false, includesChain: Bool = false) {
        self.policy = policy
        self.includesCertificate = includesCertificate
        self.includesChain = includesChain
    }
}
