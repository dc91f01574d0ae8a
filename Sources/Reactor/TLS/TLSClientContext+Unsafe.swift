internal import COpenSSL

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

/// One endpoint as TLS sees it: its name, and the session that can be resumed with it. Belongs to one worker.
public final class TLSPeer {
    public let context: TLSClientContext
    /// Sent as the server's name (SNI).
    private let serverName: String?
    /// A host name or an address that the certificate must have.
    private let verifiedName: String?
    // SAFETY: a session of OpenSSL, owned here: replaced and freed on the worker's thread.
    private var session: OpaquePointer?

    public init(_ context: TLSClientContext, serverName: String?, verifiedName: String?) {
        self.context = context
        self.serverName = serverName
        self.verifiedName = verifiedName
    }

    deinit { postern_session_free(self.session) }

    func makeSession(_ descriptor: Int32, _ sink: TLSSink) -> TLSSession? {
        postern_tls_connect(
            self.context.handle, descriptor, sink.handle, self.serverName, self.verifiedName, self.session
        ).map { TLSSession($0, sink, keeping: self.context, peer: self) }
    }

    /// The server has given a session to resume.
    func keep(_ session: OpaquePointer) {
        postern_session_free(self.session)
        self.session = session
    }
}
