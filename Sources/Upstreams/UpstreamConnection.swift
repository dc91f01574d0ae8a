internal import Primitives
internal import Reactor

/// A connection to one endpoint of a service: its socket, its place in the pool, and the limits of time.
///
/// What it speaks is for its stream: HTTP/1.1, one request at a time, or a client's bytes as they are.
final class UpstreamConnection: SocketStream {
    let pool: ServicePool
    let endpoint: Endpoint
    /// Place in the endpoint's list of idle connections; -1 while in use.
    var idleIndex = -1
    /// Place in the pool's list of connections.
    var index = -1
    private(set) lazy var http1 = HTTP1UpstreamStream(self)
    /// Set when it was made for bytes.
    private(set) var tcp: TCPUpstreamStream?
    /// Until connected, of silence in an exchange, or of an unused connection.
    private let timer = DeadlineTimer()

    /// - Parameter carriesBytes: It is one client's alone, see ``UpstreamSink/carriesBytes``.
    init(pool: ServicePool, endpoint: Endpoint, socket: Socket, carriesBytes: Bool) {
        self.pool = pool
        self.endpoint = endpoint
        super.init(loop: pool.loop, socket: socket, isConnecting: true)
        self.timer.owner = self
        if carriesBytes { self.tcp = TCPUpstreamStream(self) }
    }

    /// What it carries at present, or will.
    var stream: UpstreamStream { self.tcp ?? self.http1 }

    func beginConnect() { self.restartTimer(self.pool.limits.connect) }

    override func connected() {
        if self.tcp == nil { return self.http1.noteProgress() }
        self.loop.timers.cancel(self.timer)  // Silence is the client's and the service's own business.
    }

    override func received(_ bytes: ByteView) -> Int {
        if let tcp = self.tcp { return tcp.received(bytes) }
        return self.http1.received(bytes)
    }

    override func inputEnded() {
        if let tcp = self.tcp { return tcp.inputEnded() }
        self.http1.inputEnded()
    }

    override func failed(_ code: Int32, whileWriting: Bool) {
        if let tcp = self.tcp { return tcp.connectionFailed(code, whileWriting: whileWriting) }
        self.http1.connectionFailed(code, whileWriting: whileWriting)
    }

    override func connectionLost() {
        if let tcp = self.tcp { tcp.connectionFailed(0, whileWriting: false) }
    }

    override func outputProgressed() {
        if let tcp = self.tcp { return tcp.outputProgressed() }
        self.http1.noteProgress()
    }

    override func outputDrained() {
        if let tcp = self.tcp { return tcp.outputDrained() }
        self.http1.outputDrained()
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if let tcp = self.tcp { return tcp.timedOut() }
        self.http1.timedOut()
    }

    override func closed() {
        self.loop.timers.remove(self.timer)
        self.pool.connectionDidClose(self)
    }

    /// - Parameter timeout: Nanoseconds from now.
    func restartTimer(_ timeout: UInt64) {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: timeout))
    }
}
