/// Who is at the other end of a TLS connection, by the certificate that was verified.
///
/// Made once for a connection, when something first asks.
public final class PeerIdentity: Sendable {
    public let facts: CertificateFacts

    init(facts: CertificateFacts) { self.facts = facts }

    public var subject: String { self.facts.subject }
    public var spiffeID: String? { self.facts.spiffeID }
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    public var fingerprint: String { self.facts.fingerprint }
    public var serial: String { self.facts.serial }

    /// What `source.principal` says: the first URI, else the first DNS name, else the subject.
    public var principal: String { self.facts.uris.first ?? self.facts.dnsNames.first ?? self.facts.subject }
}
