internal import COpenSSL

/// TLS of a listener: its certificates, what it speaks, and what it asks of clients.
///
/// Made on the control thread, shared by all workers, never changed.
public final class TLSServerContext: @unchecked Sendable {
    // SAFETY: owned here and freed in deinit; nothing changes it after init, and OpenSSL's contexts may be
    // used by many threads. Sessions hold a reference to this object.
    let handle: OpaquePointer
    /// In the configuration's order; C's callbacks look into them.
    public let certificates: [TLSCertificate]
    /// Of clients' certificates.
    public let trust: TLSTrust?
    // Kept because C looks into them.
    private let tickets: TLSTicketKeys?

    /// - Parameters:
    ///   - certificates: With their keys; at least one. The first serves clients that ask for no known name.
    ///   - tickets: nil: sessions cannot be resumed.
    ///   - ticketLifetime: Seconds for which a client may resume a session, from its first handshake.
    ///   - clockAhead: Seconds by which the time that tickets are judged by is ahead, for tests.
    ///   - name: Tickets are good for contexts of the same name and verification.
    /// - Throws: ``TLSError``.
    public init(
        _ parameters: TLSParameters, certificates: [TLSCertificate], verification: TLSVerification = .none,
        tickets: TLSTicketKeys? = nil, ticketLifetime: Int64 = 7200, clockAhead: Int64 = 0, name: String
    ) throws {
        var options = TLSOptions(parameters: parameters, verification: verification)
        options.tickets = tickets
        options.ticketLifetime = ticketLifetime
        options.clockAhead = clockAhead
        options.sessionContext = Self.sessionContext(verification, name)
        let groups = TLSCertificateGroups(certificates.map { ($0.names, $0.keyType) })
        self.handle = try options.withOptions { options in
            let server = try TLSText.made { postern_tls_server_new(options, $0, $1) }
            do {
                for group in groups.groups {
                    let members: [OpaquePointer?] = group.map { certificates[$0].handle }
                    _ = try TLSText.made {
                        postern_tls_server_add(server, members, UInt32(members.count), $0, $1) >= 0
                            ? true : nil
                    }
                }
            } catch {
                postern_tls_server_free(server)
                throw error
            }
            for (name, group) in groups.names { postern_tls_server_name(server, name, Int32(group)) }
            postern_tls_server_seal(server)
            return server
        }
        self.certificates = certificates
        self.trust = verification.trust
        self.tickets = tickets
    }

    /// Whether clients can resume a session.
    public var givesTickets: Bool { self.tickets != nil }

    deinit { postern_tls_server_free(self.handle) }

    /// What a ticket vouches for: another listener, other authorities, revocations or rules want a new
    /// handshake.
    private static func sessionContext(_ verification: TLSVerification, _ name: String) -> [UInt8] {
        let facts = "\(name)\u{0}\(verification.mode)\u{0}\(verification.names)\u{0}"
        let bytes = Array(facts.utf8) + (verification.trust?.digest ?? [])
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
        return digest
    }

    /// A session on a connection that a client has made.
    func makeSession(_ descriptor: Int32, _ sink: TLSSink) -> TLSSession? {
        postern_tls_accept(self.handle, descriptor, sink.handle).map {
            TLSSession($0, sink, keeping: self, peer: nil)
        }
    }
}
