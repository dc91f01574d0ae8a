internal import HTTPCodec
internal import Primitives
internal import Reactor

/// A connection to one endpoint of a service: its socket, its place in the pool, and the limits of time.
///
/// What it speaks is for ``http1`` (one request at a time) or ``http2`` (many); a pool whose service may
/// speak HTTP/2 gives a connection to nobody before that is known. One that is made for a client whose bytes
/// pass as they are has ``tcp`` from the beginning.
final class UpstreamConnection: SocketStream {
    let pool: ServicePool
    let endpoint: Endpoint
    /// Place in the endpoint's list of idle connections; -1 while in use.
    var idleIndex = -1
    /// Place in the pool's list of connections.
    var index = -1
    private(set) lazy var http1 = HTTP1UpstreamStream(self)
    private(set) var http2: HTTP2UpstreamConnection?
    private(set) var tcp: TCPUpstreamStream?
    /// What it speaks has yet to be seen, and requests may wait for it.
    private(set) var isUndecided: Bool
    /// The service was configured differently when it was made: it is not used again.
    var isStale = false
    /// Until connected, of silence in an exchange, or of an unused connection.
    private let timer = DeadlineTimer()

    /// - Parameter carriesBytes: It is one client's alone, see ``UpstreamSink/carriesBytes``.
    init(
        pool: ServicePool, endpoint: Endpoint, socket: Socket, isUndecided: Bool, carriesBytes: Bool = false
    ) {
        self.pool = pool
        self.endpoint = endpoint
        self.isUndecided = isUndecided
        super.init(loop: pool.loop, socket: socket, isConnecting: true)
        self.timer.owner = self
        if carriesBytes { self.tcp = TCPUpstreamStream(self) }
    }

    /// What it carries when that is one stream alone.
    var stream: UpstreamStream { self.tcp ?? self.http1 }

    func beginConnect() { self.restartTimer(self.pool.limits.connect) }

    /// Nothing has reached the service yet: it connects, or TLS is being agreed on.
    var isOpening: Bool { self.isConnecting || self.isSecuring }

    override func connected() {
        if self.endpoint.hasSeveralAddresses, let address = self.socket.remoteAddress {
            self.endpoint.prefer(address)
        }
        if self.tls == nil { self.opened() }
    }

    override func secured() { self.opened() }

    private func opened() {
        // Silence is the client's and the service's own business.
        if self.tcp != nil { return self.stopTimer() }
        if !self.isUndecided { return self.http1.noteProgress() }
        let isAgreedOn = self.tls.map { $0.alpn == "h2" } ?? true
        if isAgreedOn {
            self.becomeHTTP2()
        } else if self.pool.speaksHTTP2 {
            self.giveUpDeciding(UpstreamError(.tlsFailed("HTTP/2 is not agreed on"), retry: .always))
            self.close()
        } else {
            self.isUndecided = false
            self.pool.connectionIsHTTP1(self)
        }
    }

    /// The time to connect runs on until the service has said its SETTINGS.
    private func becomeHTTP2() { self.http2 = HTTP2UpstreamConnection(self) }

    /// Requests can be sent.
    func decided() { self.isUndecided = false }

    override func received(_ bytes: ByteView) -> Int {
        if let http2 = self.http2 { return http2.received(bytes) }
        if let tcp = self.tcp { return tcp.received(bytes) }
        return self.http1.received(bytes)
    }

    override var spliceTarget: SocketStream? { self.tcp?.sink?.spliceTarget }
    override func spliced(_ bytes: Int) { self.tcp?.sink?.spliced(bytes) }

    override func inputEnded() {
        if let http2 = self.http2 { return http2.connectionFailed(0) }
        if let tcp = self.tcp { return tcp.inputEnded() }
        self.http1.inputEnded()
    }

    override func failed(_ code: Int32, whileWriting: Bool) {
        if let http2 = self.http2 { return http2.connectionFailed(code) }
        if let tcp = self.tcp { return tcp.connectionFailed(code, whileWriting: whileWriting) }
        if self.isUndecided {
            self.giveUpDeciding(UpstreamError(self.openingFailure(code), retry: .always))
            return self.close()
        }
        self.http1.connectionFailed(code, whileWriting: whileWriting)
    }

    override func fillOutput(_ output: ByteBuffer) { self.http2?.fillOutput() }

    override func connectionLost() { self.tcp?.connectionLost() }

    override func outputProgressed() {
        if let tcp = self.tcp { return tcp.outputProgressed() }
        if self.http2 == nil { self.http1.noteProgress() }
    }

    override func outputDrained() {
        if let tcp = self.tcp { return tcp.outputDrained() }
        if let http2 = self.http2 { http2.outputDrained() } else { self.http1.outputDrained() }
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if self.isUndecided {
            self.giveUpDeciding(UpstreamError(.connectTimedOut, retry: .always))
            return self.close()
        }
        if let tcp = self.tcp { return tcp.timedOut() }
        if let http2 = self.http2 { http2.timedOut() } else { self.http1.timedOut() }
    }

    /// Why it could not be made.
    func openingFailure(_ code: Int32) -> UpstreamError.Code {
        self.tls?.failure.map { .tlsFailed($0) } ?? .connectFailed(code)
    }

    /// Nobody will be served here: those who wait for it are told, once.
    func giveUpDeciding(_ error: UpstreamError) {
        guard self.isUndecided else { return }
        self.isUndecided = false
        self.pool.connectionFailed(self, error)
    }

    override func closed() {
        self.loop.timers.remove(self.timer)
        self.http2?.connectionClosed()
        self.giveUpDeciding(UpstreamError(.closed(0)))
        self.pool.connectionDidClose(self)
    }

    /// - Parameter timeout: Nanoseconds from now.
    func restartTimer(_ timeout: UInt64) {
        if self.isClosed { return }
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: timeout))
    }

    func stopTimer() { self.loop.timers.cancel(self.timer) }
}
