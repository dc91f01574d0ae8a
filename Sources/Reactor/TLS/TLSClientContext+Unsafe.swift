internal import COpenSSL
internal import Glibc

/// TLS towards a service: what is spoken, who is believed, and our own certificate.
///
/// Made on the control thread, shared by all workers, never changed.
public final class TLSClientContext: @unchecked Sendable {
    // SAFETY: as in TLSServerContext.
    let handle: OpaquePointer
    public let certificate: TLSCertificate?
    /// Of the service's certificates.
    public let trust: TLSTrust?

    /// - Parameter certificate: With its key, for servers that ask for one.
    /// - Throws: ``TLSError``.
    public init(_ parameters: TLSParameters, certificate: TLSCertificate?, verification: TLSVerification)
        throws
    {
        self.handle = try TLSOptions(parameters: parameters, verification: verification).withOptions {
            options in
            try TLSText.made { postern_tls_client_new(options, certificate?.handle, $0, $1) }
        }
        self.certificate = certificate
        self.trust = verification.trust
    }

    deinit { postern_tls_client_free(self.handle) }
}

/// One endpoint as TLS sees it: its name, and sessions that can be resumed with it. Belongs to one worker.
public final class TLSPeer {
    /// As many connections in a row go without a full handshake.
    private static let sessionLimit = 8

    public let context: TLSClientContext
    /// Sent as the server's name (SNI).
    private let serverName: String?
    /// A host name or an address that the certificate must have.
    private let verifiedName: String?
    /// Seconds by which the time that sessions are judged by is ahead.
    private let clockAhead: Int64
    // SAFETY: sessions of OpenSSL, owned here: taken and freed on the worker's thread.
    private var sessions: ContiguousArray<OpaquePointer> = []

    /// - Parameter clockAhead: For tests.
    public init(
        _ context: TLSClientContext, serverName: String?, verifiedName: String?, clockAhead: Int64 = 0
    ) {
        self.clockAhead = clockAhead
        self.context = context
        self.serverName = serverName
        self.verifiedName = verifiedName
    }

    deinit { for session in self.sessions { postern_session_free(session) } }

    func makeSession(_ descriptor: Int32, _ sink: TLSSink) -> TLSSession? {
        self.dropExpired()
        let resumed = self.sessions.last
        let made = postern_tls_connect(
            self.context.handle, descriptor, sink.handle, self.serverName, self.verifiedName, resumed)
        if let resumed, postern_session_is_single(resumed) {
            self.sessions.removeLast()
            postern_session_free(resumed)
        }
        return made.map { TLSSession($0, sink, keeping: self.context, peer: self) }
    }

    /// With a session that is resumed nobody looks at the server's certificate again.
    private func dropExpired() {
        if self.sessions.isEmpty { return }
        let now = Int64(time(nil)) + self.clockAhead
        self.sessions.removeAll { session in
            guard postern_session_has_expired(session, now) else { return false }
            postern_session_free(session)
            return true
        }
    }

    /// The server has given a session to resume.
    func keep(_ session: OpaquePointer) {
        if !postern_session_is_single(session) || self.sessions.count == Self.sessionLimit {
            if let oldest = self.sessions.first {
                self.sessions.removeFirst()
                postern_session_free(oldest)
            }
        }
        self.sessions.append(session)
    }
}
