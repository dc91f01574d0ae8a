internal import Primitives
internal import Reactor

/// A connection to one endpoint of a service: its socket, its place in the pool, and the limits of time.
///
/// What it speaks is for its stream: HTTP/1.1, one request at a time.
final class UpstreamConnection: SocketStream {
    let pool: ServicePool
    let endpoint: Endpoint
    /// Place in the endpoint's list of idle connections; -1 while in use.
    var idleIndex = -1
    /// Place in the pool's list of connections.
    var index = -1
    private(set) lazy var http1 = HTTP1UpstreamStream(self)
    /// Until connected, of silence in an exchange, or of an unused connection.
    private let timer = DeadlineTimer()

    init(pool: ServicePool, endpoint: Endpoint, socket: Socket) {
        self.pool = pool
        self.endpoint = endpoint
        super.init(loop: pool.loop, socket: socket, isConnecting: true)
        self.timer.owner = self
    }

    func beginConnect() { self.restartTimer(self.pool.limits.connect) }

    /// Nothing has reached the service yet: it connects, or TLS is being agreed on.
    var isOpening: Bool { self.isConnecting || self.isSecuring }

    override func connected() { self.http1.noteProgress() }
    override func secured() { self.http1.noteProgress() }
    override func received(_ bytes: ByteView) -> Int { self.http1.received(bytes) }
    override func inputEnded() { self.http1.inputEnded() }
    override func failed(_ code: Int32, whileWriting: Bool) {
        self.http1.connectionFailed(code, whileWriting: whileWriting)
    }
    override func outputProgressed() { self.http1.noteProgress() }
    override func outputDrained() { self.http1.outputDrained() }
    override func timerFired(_ timer: DeadlineTimer) { self.http1.timedOut() }

    override func closed() {
        self.loop.timers.remove(self.timer)
        self.pool.connectionDidClose(self)
    }

    /// - Parameter timeout: Nanoseconds from now.
    func restartTimer(_ timeout: UInt64) {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: timeout))
    }
}
