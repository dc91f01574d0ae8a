internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor

/// The admin endpoint: HTTP/1.1 on the control thread.
final class AdminServer: EventHandler {
    /// Nanoseconds to wait when the process has no descriptor left.
    private static let patience: UInt64 = 100_000_000

    private let loop: EventLoop
    private let socket: Socket
    private unowned let gateway: Gateway
    private lazy var timer = DeadlineTimer(owner: self)

    /// - Throws: ``SocketError``.
    init(_ gateway: Gateway, address: SocketAddress) throws {
        self.gateway = gateway
        self.loop = gateway.loop
        self.socket = try Socket.listen(on: address, sharesPort: false)
        super.init()
        try self.loop.registerShared(self.socket.descriptor, self)
    }

    /// Where it listens, with the port that the system chose when 0 was asked for.
    var address: String { self.socket.localAddress?.description ?? "" }

    override func ready(_ events: ReadyEvents) {
        switch self.socket.accept() {
        case .bytes(let descriptor):
            let connection = AdminConnection(self.gateway, Socket(descriptor: Int32(descriptor)))
            do {
                try connection.start()
            } catch {
                connection.close()
            }
        case .wouldBlock: break
        case .failed:
            // No descriptors left: level-triggered events would spin, so look away for a while.
            self.loop.deregister(self.socket.descriptor)
            self.lookAgainLater()
        }
    }

    override func timerFired(_ timer: DeadlineTimer) {
        do {
            try self.loop.registerShared(self.socket.descriptor, self)
        } catch {
            self.lookAgainLater()
        }
    }

    private func lookAgainLater() {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: Self.patience))
    }
}

/// One connection to the admin endpoint.
private final class AdminConnection: SocketStream {
    /// Nanoseconds that a client may be silent.
    private static let patience: UInt64 = 60_000_000_000

    private unowned let gateway: Gateway
    private var parser = RequestHeadParser()
    private var decoder = BodyDecoder()
    private let request = HeaderBlock()
    private let trailers = HeaderBlock(capacity: 16)
    private var facts = RequestFacts()
    private var isReadingBody = false
    /// No further request is read; what is written is the last.
    private var isEnding = false
    private var isInputEnded = false
    private lazy var timer = DeadlineTimer(owner: self)
    /// Itself, until it is closed: nobody else refers to it.
    private var ownership: AdminConnection?

    init(_ gateway: Gateway, _ socket: Socket) {
        self.gateway = gateway
        super.init(loop: gateway.loop, socket: socket, isConnecting: false)
        self.ownership = self
        self.restartTimer()
    }

    override func received(_ bytes: ByteView) -> Int {
        var rest = bytes
        self.restartTimer()
        while !rest.isEmpty, !self.isReadingPaused, !self.isClosed {
            if self.isEnding { return bytes.count }
            if self.isReadingBody {
                let step = self.decoder.next(rest, trailers: self.trailers)
                if step.error != nil {
                    self.close()
                    return bytes.count
                }
                rest = rest.dropFirst(step.consumed)
                if step.isEnd { self.answer() }
                continue
            }
            switch self.parser.parse(rest, into: self.request, facts: &self.facts) {
            case .incomplete: return bytes.count - rest.count
            case .failed(let error):
                self.send(.text("\(error.details)\n", status: error.status), keepAlive: false)
                return bytes.count
            case .complete(let taken):
                rest = rest.dropFirst(taken)
                if self.facts.framing.isEmpty {
                    self.answer()
                } else {
                    self.isReadingBody = true
                    self.decoder.begin(self.facts.framing, limits: HeadLimits())
                }
            }
        }
        return bytes.count - rest.count
    }

    private func answer() {
        self.isReadingBody = false
        self.pauseReading()
        let request = AdminRequest(method: self.request.method.string, target: self.request.path.string)
        self.gateway.answer(request) { [weak self] reply in
            guard let self, !self.isClosed else { return }
            self.send(reply, keepAlive: self.facts.isKeepAlive)
            self.resumeReading()
        }
    }

    private func send(_ reply: AdminReply, keepAlive: Bool) {
        let head = HeaderBlock(capacity: 256)
        head.status = reply.status
        _ = reply.contentType.withByteView { head.add(.contentType, $0) }
        head.add(.cacheControl, ByteView("no-store"))
        var options = ResponseHeadOptions()
        options.minorVersion = self.facts.minorVersion
        options.keepAlive = keepAlive
        options.wasHead = self.facts.isHead
        options.via = false
        HeadWriter.writeResponse(
            head, framing: .length(UInt64(reply.body.count)), options: options, to: self.beginOutput())
        if !self.facts.isHead { reply.body.withByteView { super.send($0) } }
        if !keepAlive {
            self.isEnding = true
            self.shutdownOutput()
        }
    }

    /// The client still waits for its answer.
    override func inputEnded() {
        self.isInputEnded = true
        self.finishOutput()
    }

    override func outputDrained() { if self.isInputEnded { self.close() } }
    override func failed(_ code: Int32, whileWriting: Bool) { self.close() }
    override func timerFired(_ timer: DeadlineTimer) { self.close() }

    override func closed() {
        self.loop.timers.remove(self.timer)
        self.ownership = nil
    }

    private func restartTimer() {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: Self.patience))
    }
}
