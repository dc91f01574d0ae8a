internal import COpenSSL

/// The authorities whose certificates are believed, and what they have revoked.
///
/// Read on the control thread, blocking; then it does not change.
public final class TLSTrust: @unchecked Sendable {
    // SAFETY: owned here and freed in deinit; changed by `readRevocations` only, before it is shared.
    // OpenSSL's store has a lock of its own.
    let handle: OpaquePointer
    /// The authorities of the file, in its order.
    public let authorities: [CertificateFacts]

    /// The file they were read from; nil for the system's.
    public let path: String?

    private init(handle: OpaquePointer, path: String?) {
        self.handle = handle
        self.path = path
        var found: [CertificateFacts] = []
        while let authority = postern_trust_authority(handle, Int32(found.count)) {
            found.append(CertificateFacts(authority))
        }
        self.authorities = found
    }

    /// What the system trusts: OpenSSL's default folder.
    public static func system() throws(TLSError) -> TLSTrust {
        guard let handle = postern_trust_system() else { throw TLSError("no memory") }
        return TLSTrust(handle: handle, path: nil)
    }

    /// The authorities of a file in PEM.
    public static func read(path: String) throws(TLSError) -> TLSTrust {
        TLSTrust(handle: try TLSText.made { postern_trust_read(path, $0, $1) }, path: path)
    }

    deinit { postern_trust_free(self.handle) }

    /// Adds revocation lists (PEM). Every certificate of a chain is then looked up, and a chain with an
    /// authority whose list is not there is refused.
    public func readRevocations(path: String) throws(TLSError) {
        _ = try TLSText.made { postern_trust_add_revocations(self.handle, path, $0, $1) ? true : nil }
    }

    /// Changes with every byte of the files.
    var digest: [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        postern_trust_digest(self.handle, &digest)
        return digest
    }
}
