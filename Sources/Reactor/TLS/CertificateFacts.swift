/// What a certificate says of its subject.
public struct CertificateFacts: Sendable, Hashable {
    /// In the form of RFC 2253.
    public var subject: String
    public var issuer: String
    public var commonName: String?
    /// In lower-case hexadecimal.
    public var serial: String
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    public var fingerprint: String
    /// Seconds since 1970.
    public var notBefore: Int64
    /// Seconds since 1970.
    public var notAfter: Int64
    /// Subject alternative names.
    public var dnsNames: [String] = []
    public var uris: [String] = []
    public var addresses: [String] = []

    /// The workload's name (SPIFFE ID): the one URI, when its scheme is `spiffe`.
    public var spiffeID: String? {
        guard self.uris.count == 1, let uri = self.uris.first, uri.hasPrefix("spiffe://") else { return nil }
        return uri
    }

    /// Whole days from `now` (seconds since 1970) until it is no longer valid; negative when that is past.
    public func daysLeft(_ now: Int64) -> Int64 {
        let seconds = self.notAfter - now
        return seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    }
}
