internal import COpenSSL

/// A certificate with its chain and key, read from files.
///
/// Read on the control thread; from then on it does not change and any thread may use it. Reading blocks.
public final class TLSCertificate: @unchecked Sendable {
    // SAFETY: owned here and freed in deinit; changed by `readKey` and `readStaple` only, before it is
    // shared.
    let handle: OpaquePointer
    /// The file it was read from.
    public let path: String
    /// What the leaf says.
    public let facts: CertificateFacts
    /// "RSA", "EC", "ED25519", …
    public let keyType: String

    /// Reads the leaf and the chain behind it from a file in PEM.
    ///
    /// - Throws: ``TLSError``.
    public init(path: String) throws {
        self.path = path
        self.handle = try TLSText.made { postern_certificate_read(path, $0, $1) }
        self.keyType = String(cString: postern_certificate_key_type(self.handle))
        self.facts = CertificateFacts(postern_certificate_leaf(self.handle))
    }

    deinit { postern_certificate_free(self.handle) }

    /// Reads the private key from a file in PEM; it must fit the certificate. The file's bytes are zeroed in
    /// memory after use, and core dumps forbidden.
    ///
    /// - Throws: ``TLSError``, also for an encrypted key.
    public func readKey(path: String) throws {
        _ = try TLSText.made { postern_certificate_read_key(self.handle, path, $0, $1) ? true : nil }
    }

    /// Reads what the certificate's authority says of it (OCSP, DER), for clients that ask.
    ///
    /// - Throws: ``TLSError`` when it is no answer about this certificate, or is not valid now; the
    ///   certificate is then used without it.
    public func readStaple(path: String) throws {
        _ = try TLSText.made { postern_certificate_read_staple(self.handle, path, $0, $1) ? true : nil }
    }

    /// The certificates behind the leaf, as the file has them.
    public var chain: [CertificateFacts] {
        var facts: [CertificateFacts] = []
        while let next = postern_certificate_chain(self.handle, Int32(facts.count)) {
            facts.append(CertificateFacts(next))
        }
        return facts
    }

    /// When the OCSP answer ends, in seconds since 1970; nil without one.
    public var stapleEnd: Int64? {
        let end = postern_certificate_staple_end(self.handle)
        return end == 0 ? nil : end
    }

    /// The host names it serves, in lower case: its DNS names, or its common name when it has none.
    public var names: [String] {
        let names =
            self.facts.dnsNames.isEmpty ? [self.facts.commonName].compactMap { $0 } : self.facts.dnsNames
        return names.map { $0.lowercased() }
    }
}
