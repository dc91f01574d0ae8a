internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry

/// A client's connection that speaks HTTP/2 (RFC 9113): every stream is an ``HTTP2ClientStream`` with an
/// ``Exchange`` of its own.
///
///     serving ──drain──► announced (GOAWAY that takes all) ──► draining (GOAWAY) ──► closing ──► closed
///        └──── broken by the client, or idle for too long ─────────────────────────────┘
final class HTTP2Connection: HTTP2Handler {
    private enum State { case serving, announced, draining, closing }

    /// How long the client may take to see GOAWAY and close, in nanoseconds.
    private static let lingerTime: UInt64 = 2_000_000_000
    /// What is on its way when a drain is announced has this long to come, in nanoseconds.
    private static let announceTime: UInt64 = 500_000_000
    /// The most that is read and dropped after the end was said, in bytes.
    private static let discardLimit = 1 << 20

    // SAFETY: the connection owns what it speaks.
    unowned(unsafe) let connection: ServerConnection
    private(set) lazy var session = HTTP2Session(
        side: .server, settings: self.connection.plan.http2, store: self.connection.home.streamStore,
        handler: self)
    private var discarded = 0
    /// The client leaves so much unread that it is not read either.
    private(set) var isInputHeld = false
    private var state = State.serving
    private var streams: ContiguousArray<HTTP2ClientStream> = []
    private let timers: HTTP2ConnectionTimers

    init(_ connection: ServerConnection) {
        self.connection = connection
        self.timers = HTTP2ConnectionTimers(connection.loop)
        super.init()
        self.timers.connection = self
        connection.fillsOutput = true
        self.session.start()
        self.timers.setState(connection.plan.idleTimeout)
        self.expectSign()
    }

    // MARK: Bytes

    func received(_ bytes: ByteView) -> Int {
        if self.state == .closing {
            // Whoever goes on without looking at what it was told is not listened to for long.
            self.discarded += bytes.count
            if self.discarded > Self.discardLimit { self.connection.close() }
            return bytes.count
        }
        self.expectSign()
        let taken = self.session.receive(bytes, now: self.connection.loop.now)
        if self.session.isHeadOpen != self.timers.isHeadDue {
            self.timers.setHead(self.session.isHeadOpen ? self.connection.plan.headerTimeout : nil)
        }
        // A connection that was closed meanwhile has no timers any more.
        if self.session.holdsInput, self.state != .closing { self.holdInput() }
        return taken
    }

    /// Reads no more until the client has read, for which it has the time that a body has.
    private func holdInput() {
        self.isInputHeld = true
        self.connection.pauseReading()
        self.timers.setReading(self.connection.plan.bodyTimeout)
        // The socket may take everything at once; that is told, too.
        self.connection.finishOutput()
    }

    private func releaseInput() {
        guard self.isInputHeld else { return }
        self.isInputHeld = false
        self.timers.setReading(nil)
        self.connection.resumeReading()
    }

    /// Before bytes leave.
    func fillOutput() { self.session.finishTurn() }

    func inputEnded() {
        if self.state == .closing { return self.connection.close() }
        // Nobody is left to read answers: a client of HTTP/2 does not half-close.
        self.connectionFailed()
    }

    func connectionFailed() {
        self.state = .closing
        self.connection.close()
    }

    /// The client has read something.
    func outputProgressed() {
        guard self.isInputHeld else { return }
        self.session.outputTaken()
        if !self.session.holdsInput { return self.releaseInput() }
        self.timers.setReading(self.connection.plan.bodyTimeout)
    }

    func outputDrained() {
        self.releaseInput()
        guard self.state == .closing else { return }
        if self.connection.isInputEnded {
            self.connection.close()
        } else {
            self.timers.setState(Self.lingerTime)
        }
    }

    func connectionClosed() {
        self.state = .closing
        self.timers.remove()
        while let stream = self.streams.last { stream.connectionClosed() }
    }

    // MARK: Streams

    private func takeStream() -> HTTP2ClientStream {
        let stream = self.connection.home.takeStream(for: self)
        stream.index = self.streams.count
        self.streams.append(stream)
        // A drain goes on however many requests come.
        if self.state == .serving { self.timers.cancelState() }
        return stream
    }

    /// The stream is over, its exchange too.
    func giveBack(_ stream: HTTP2ClientStream) {
        let last = self.streams.removeLast()
        if last !== stream {
            self.streams[stream.index] = last
            last.index = stream.index
        }
        self.connection.home.giveBack(stream)
        if self.streams.isEmpty { self.becameIdle() }
    }

    private func becameIdle() {
        switch self.state {
        case .serving: self.timers.setState(self.connection.plan.idleTimeout)
        case .draining: self.close()
        case .announced, .closing: break
        }
    }

    // MARK: The end

    /// No further request is taken; those in progress are answered first.
    func drain() {
        guard self.state == .serving else { return }
        self.state = .announced
        self.session.announceShutdown()
        self.timers.setState(Self.announceTime)
    }

    /// As ``drain()``, and what is on its way is not served either: there is no listener left for it. The
    /// client is told which requests those are, and may send them elsewhere.
    func stopTaking() {
        guard self.state == .serving || self.state == .announced else { return }
        self.session.goAway()
        self.state = .draining
        if self.streams.isEmpty { self.close() } else { self.timers.cancelState() }
    }

    /// A head has begun and does not end, and nothing can come before its end.
    func headTimedOut() { self.session.end(.enhanceYourCalm, "http2.head_timeout") }

    /// Lets the client see what was said last before the connection goes.
    private func close() { self.close(within: self.connection.plan.bodyTimeout) }

    /// - Parameter nanoseconds: For all that waits to be written; seeing it has ``lingerTime``.
    private func close(within nanoseconds: UInt64) {
        if self.state == .closing { return }
        self.state = .closing
        self.timers.setState(nanoseconds)
        self.connection.shutdownOutput()
    }

    // MARK: Time

    /// The client has spoken: in time it will be asked for another sign of life.
    private func expectSign() {
        let interval = self.connection.plan.keepAliveInterval
        if interval > 0 { self.timers.setSign(interval) }
    }

    func stateTimerFired() {
        switch self.state {
        // What waits unread is no idleness.
        case .serving where self.isInputHeld: self.timers.setState(self.connection.plan.idleTimeout)
        case .serving where self.streams.isEmpty:
            self.session.goAway()
            self.close()
        case .serving: break
        case .announced: self.stopTaking()
        case .draining: break
        case .closing: self.connection.close()
        }
    }

    func signTimerFired() {
        if self.state == .closing { return }
        if self.isInputHeld { return self.expectSign() }
        if self.timers.isSignAsked { return self.connection.close() }
        self.session.ping(0)
        self.timers.askedSign(self.connection.plan.keepAliveTimeout)
    }

    // MARK: What the session lends, and tells

    override func output() -> ByteBuffer { self.connection.beginOutput() }
    override func takeBuffer() -> ByteBuffer { self.connection.loop.takeBuffer() }
    override func giveBack(_ buffer: ByteBuffer) { self.connection.loop.giveBack(buffer) }
    override func turnWanted() { self.connection.flushSoon() }

    override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock {
        if isTrailers { return stream.client?.exchange?.requestTrailers ?? self.unwanted }
        self.connection.takePendingPlan()
        let home = self.connection.home
        guard let exchange = home.takeExchange(listener: self.connection.listener) else {
            return self.unwanted
        }
        let client = self.takeStream()
        client.begin(stream, exchange)
        return exchange.request
    }

    /// Where fields go that nobody reads.
    private var unwanted: HeaderBlock {
        let block = self.connection.home.unwantedTrailers
        block.reset()
        return block
    }

    override func requestHead(_ stream: HTTP2Stream, _ facts: RequestFacts, endOfStream: Bool) {
        stream.client?.headArrived(facts, endOfStream: endOfStream)
    }

    override func headRefused(_ stream: HTTP2Stream, _ error: HTTPError, endOfStream: Bool) {
        stream.client?.headRefused(error, endOfStream: endOfStream)
    }

    override func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
        stream.client?.bodyArrived(bytes, endOfStream: endOfStream)
    }

    override func trailers(_ stream: HTTP2Stream) { stream.client?.trailersArrived() }
    override func outputDrained(_ stream: HTTP2Stream) { stream.client?.outputDrained() }

    override func streamEnded(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd) {
        stream.client?.ended(end)
    }

    override func failed(_ failure: HTTP2Failure) {
        self.connection.home.telemetry.log.write(
            .debug, "http2", "a client's connection is ended: \(failure.details)",
            ["code": "\(failure.code.name)", "listener": "\(self.connection.plan.name)"])
        // Who does not read would not see why, and could go on sending.
        if self.connection.isWriteBlocked {
            self.connectionFailed()
        } else {
            self.close(within: Self.lingerTime)
        }
    }
}

extension HTTP2Stream {
    /// The client's end of it.
    fileprivate var client: HTTP2ClientStream? {
        // SAFETY: this connection sets nothing else, and takes it away before the stream's end goes.
        self.owner.map { unsafeDowncast($0, to: HTTP2ClientStream.self) }
    }
}
