internal import COpenSSL
internal import Glibc
public import Primitives

/// TLS of one connection: its handshake, its keys, and who is at the other end.
///
/// Belongs to a ``SocketStream``, which alone moves bytes through it.
public final class TLSSession {
    /// How far a call has come.
    enum Status { case done, wants, full, closed, truncated, failed }

    // SAFETY: owned here and freed in deinit, on the loop's thread; the context it was made of and the sink
    // are kept for as long.
    private let handle: OpaquePointer
    let sink: TLSSink
    private let context: AnyObject
    private let peer: TLSPeer?
    var isHandshaking = true
    /// Encrypted bytes that the socket has refused.
    var wire: ByteBuffer?
    /// Bytes that were read before TLS began.
    private var lead: ByteBuffer?
    private var identity: PeerIdentity?
    /// Some of what had to wait has been written.
    var hasProgressed = false
    /// The stream has been told that there is no more input.
    var isInputOver = false
    /// The connection has ended, and not by an alert.
    private(set) var isEnded = false

    init(_ handle: OpaquePointer, _ sink: TLSSink, keeping context: AnyObject, peer: TLSPeer?) {
        self.handle = handle
        self.sink = sink
        self.context = context
        self.peer = peer
    }

    deinit { postern_tls_free(self.handle) }

    var isClient: Bool { self.peer != nil }

    // MARK: Bytes

    /// Begins with bytes that were read from the socket already.
    func begin(with buffer: ByteBuffer) {
        self.lead = buffer
        // SAFETY: `lead` keeps the bytes, unchanged, until the session has taken them or is gone.
        postern_tls_lead(self.handle, buffer.view.base.assumingMemoryBound(to: UInt8.self), buffer.count)
    }

    /// Offers one protocol by ALPN, or none when it is empty, before the handshake.
    func offer(_ name: StaticString) {
        // SAFETY: a literal lives for ever; OpenSSL keeps a copy.
        postern_tls_offer(self.handle, name.utf8Start, name.utf8CodeUnitCount)
    }

    /// Another socket has taken the place of the one it was made for, before the handshake.
    func use(_ descriptor: Int32) { postern_tls_use(self.handle, descriptor) }

    func readable(ended: Bool) { postern_tls_readable(self.handle, ended) }

    func handshake() -> Status {
        let status = Status(postern_tls_handshake(self.handle))
        self.isEnded = status == .truncated || status == .closed
        self.dropLead()
        self.keepSession()
        return status
    }

    /// Decrypts into the room behind `buffer`'s write position, over several records.
    func read(into buffer: ByteBuffer) -> Status {
        var count = 0
        // SAFETY: at most `spare` bytes are written behind the write position.
        let status = postern_tls_read(self.handle, buffer.base + buffer.writeIndex, buffer.spare, &count)
        buffer.writeIndex += count
        self.dropLead()
        self.keepSession()
        return Status(status)
    }

    /// Encrypts into the sink.
    ///
    /// - Returns: How many bytes were taken, fewer when the sink is full; nil when the session is broken.
    func write(_ bytes: ByteView) -> Int? {
        var taken = 0
        let status = Status(postern_tls_write(self.handle, bytes.base, bytes.count, &taken))
        return status == .done || status == .full ? taken : nil
    }

    /// Puts close_notify into the sink, once.
    func end() { postern_tls_end(self.handle) }

    private func dropLead() {
        if self.lead != nil, postern_tls_lead_count(self.handle) == 0 { self.lead = nil }
    }

    private func keepSession() {
        guard let peer = self.peer else { return }
        while let session = postern_tls_take_session(self.handle) { peer.keep(session) }
    }

    // MARK: Facts

    /// Why it failed, for logs; nil when it did not.
    public var failure: String? { postern_tls_why(self.handle).map { String(cString: $0) } }
    /// `errno` of the socket, or `EPROTO` when TLS itself has failed.
    var failureCode: Int32 {
        let code = postern_tls_errno(self.handle)
        return code == 0 ? EPROTO : code
    }

    /// What follows is known after the handshake.
    public var version: TLSVersion { TLSVersion(rawValue: postern_tls_version(self.handle)) ?? .tls12 }
    /// The standard's name, `TLS_AES_128_GCM_SHA256`.
    public var cipher: String { postern_tls_cipher(self.handle).map { String(cString: $0) } ?? "" }
    /// The name that the client has asked for.
    public var serverName: String? { postern_tls_name(self.handle).map { String(cString: $0) } }
    /// The same without a copy; empty when the client has asked for none. Lives as long as the session.
    public var serverNameBytes: ByteView {
        guard let name = postern_tls_name(self.handle) else { return .empty }
        // SAFETY: a text with a NUL at its end, which OpenSSL keeps as long as the session.
        return ByteView(base: UnsafeRawPointer(name), count: strlen(name))
    }
    /// What was agreed on by ALPN; empty when nothing was. Lives as long as the session.
    public var alpn: ByteView {
        var start: UnsafePointer<UInt8>?
        let length = postern_tls_alpn(self.handle, &start)
        // SAFETY: OpenSSL keeps the bytes as long as the session.
        return ByteView(UnsafeRawBufferPointer(start: start, count: length))
    }
    public var isResumed: Bool { postern_tls_is_resumed(self.handle) }

    /// Whether the peer has shown a certificate.
    public var hasPeerCertificate: Bool { postern_tls_peer(self.handle) != nil }

    /// Who the peer is, by its certificate; nil when it has none. Made at the first call.
    public var peerIdentity: PeerIdentity? {
        if let identity = self.identity { return identity }
        guard let certificate = postern_tls_peer(self.handle) else { return nil }
        let made = PeerIdentity(facts: CertificateFacts(certificate))
        self.identity = made
        return made
    }

    /// The peer's certificate in PEM, and those behind it as it sent them; not for the request path.
    public var peerChain: [String] {
        var texts: [String] = []
        while let certificate = postern_tls_peer_chain(self.handle, Int32(texts.count)) {
            texts.append(TLSText.taken(postern_x509_pem(certificate)) ?? "")
        }
        return texts
    }

    /// What our own certificate says; not for the request path.
    public var ownCertificate: CertificateFacts? { postern_tls_own(self.handle).map { CertificateFacts($0) } }
}

extension TLSSession.Status {
    fileprivate init(_ status: postern_tls_status) {
        switch status {
        case POSTERN_TLS_DONE: self = .done
        case POSTERN_TLS_WANTS: self = .wants
        case POSTERN_TLS_FULL: self = .full
        case POSTERN_TLS_CLOSED: self = .closed
        case POSTERN_TLS_TRUNCATED: self = .truncated
        default: self = .failed
        }
    }
}
