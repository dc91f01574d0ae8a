internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor

/// What an ``UpstreamConnection`` speaks when that is HTTP/2: many requests at once.
///
///     starting ──SETTINGS──► ready ──GOAWAY, drain──► draining ──last stream──► closed
final class HTTP2UpstreamConnection: HTTP2Handler {
    private enum State { case starting, ready, draining, closed }

    // SAFETY: the connection owns what it speaks.
    unowned(unsafe) let connection: UpstreamConnection
    private(set) lazy var session = HTTP2Session(
        side: .client, settings: self.connection.pool.http2.settings,
        store: self.connection.pool.streams.store,
        handler: self)
    private var state = State.starting
    private(set) var streams: ContiguousArray<HTTP2UpstreamStream> = []
    /// A PING is on its way.
    private var isSignAsked = false
    /// A request was answered here.
    var hasServed = false

    init(_ connection: UpstreamConnection) {
        self.connection = connection
        super.init()
        connection.fillsOutput = true
        self.session.start()
    }

    // MARK: Streams

    /// Whether another request can be sent here now.
    var hasRoom: Bool {
        self.state == .ready && self.session.canOpenStream && self.streams.count < self.limit
    }

    /// The most streams at once, ours and the peer's.
    private var limit: Int {
        min(self.session.peerMaxStreams, self.connection.pool.http2.maxStreams)
    }

    /// A stream for one request.
    func takeStream() -> HTTP2UpstreamStream {
        let stream = self.connection.pool.streams.take(for: self)
        stream.index = self.streams.count
        self.streams.append(stream)
        if stream.index == 0 { self.becameBusy() }
        return stream
    }

    /// The request is over, well or not.
    func giveBack(_ stream: HTTP2UpstreamStream) {
        let pool = self.connection.pool
        pool.streamEnded(stream)
        let last = self.streams.removeLast()
        if last !== stream {
            self.streams[stream.index] = last
            last.index = stream.index
        }
        pool.streams.giveBack(stream)
        if self.state == .closed { return }
        if self.streams.isEmpty { self.becameIdle() }
        pool.roomChanged()
    }

    /// Ready, and without a request.
    var isIdle: Bool { self.state == .ready && self.streams.isEmpty }

    private func becameIdle() {
        self.isSignAsked = false
        if self.state == .draining { return self.finish() }
        if self.isIdle { self.connection.restartTimer(self.connection.pool.limits.keepAlive) }
    }

    private func becameBusy() {
        let interval = self.connection.pool.http2.keepAliveInterval
        if interval > 0 { self.connection.restartTimer(interval) } else { self.connection.stopTimer() }
    }

    /// Takes no further request, and closes with the last one.
    func drain() {
        guard self.state == .ready else { return }
        self.state = .draining
        if self.streams.isEmpty { self.finish() }
    }

    /// Closes once everything is written, for which the service has limited time. GOAWAY of a client says
    /// little, and there are servers that end their streams with it: it comes last.
    private func finish() {
        self.session.goAway()
        self.connection.finishOutput()
        self.connection.restartTimer(self.connection.pool.limits.connect)
    }

    // MARK: Events

    func received(_ bytes: ByteView) -> Int {
        self.noteSign()
        return self.session.receive(bytes, now: self.connection.loop.now)
    }

    func fillOutput() { self.session.finishTurn() }

    /// Everything is written.
    func outputDrained() {
        if self.state == .draining, self.streams.isEmpty { self.connection.close() }
    }

    /// The connection ended or failed, with `errno` or 0.
    func connectionFailed(_ code: Int32) {
        self.endStreams(code)
        self.connection.close()
    }

    func connectionClosed() {
        self.endStreams(0)
    }

    private func endStreams(_ code: Int32) {
        self.state = .closed
        while let stream = self.streams.last { stream.connectionEnded(code) }
        self.connection.giveUpDeciding(UpstreamError(.closed(code)))
    }

    // MARK: Time

    /// The service has spoken; that does not make an unused connection a used one.
    private func noteSign() {
        self.isSignAsked = false
        let interval = self.connection.pool.http2.keepAliveInterval
        if interval > 0, !self.streams.isEmpty { self.connection.restartTimer(interval) }
    }

    func timedOut() {
        if self.isSignAsked || self.state == .closed { return self.connectionFailed(0) }
        if self.streams.isEmpty {
            // An unused one is told; one that has been told, and is still not written out, is given up.
            return self.state == .ready ? self.drain() : self.connection.close()
        }
        self.isSignAsked = true
        self.session.ping(0)
        self.connection.restartTimer(self.connection.pool.http2.keepAliveTimeout)
    }

    // MARK: What the session lends, and tells

    override func output() -> ByteBuffer { self.connection.beginOutput() }
    override func takeBuffer() -> ByteBuffer { self.connection.loop.takeBuffer() }
    override func giveBack(_ buffer: ByteBuffer) { self.connection.loop.giveBack(buffer) }
    override func turnWanted() { self.connection.flushSoon() }

    override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock {
        guard let sink = stream.request?.sink else { return self.connection.pool.unwanted }
        return isTrailers ? sink.trailers : sink.response
    }

    override func responseHead(_ stream: HTTP2Stream, _ facts: ResponseFacts, endOfStream: Bool) {
        stream.request?.headArrived(facts, endOfStream: endOfStream)
    }

    override func headRefused(_ stream: HTTP2Stream, _ error: HTTPError, endOfStream: Bool) {
        stream.request?.fail(UpstreamError(.badResponse(error.inResponse)))
    }

    override func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
        stream.request?.bodyArrived(bytes, endOfStream: endOfStream)
    }

    override func trailers(_ stream: HTTP2Stream) { stream.request?.trailersArrived() }
    override func outputDrained(_ stream: HTTP2Stream) { stream.request?.outputDrained() }
    override func streamEnded(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd) { stream.request?.ended(end) }

    override func settingsChanged() {
        if self.state == .starting {
            self.state = .ready
            self.connection.decided()
            self.becameIdle()
            self.connection.pool.connectionReady(self.connection)
        } else {
            self.connection.pool.roomChanged()
        }
    }

    override func goAway(lastStream: UInt32, _ code: HTTP2ErrorCode) { self.drain() }

    override func failed(_ failure: HTTP2Failure) {
        // Every stream has been told.
        self.state = .closed
        self.connection.giveUpDeciding(UpstreamError(.badResponse(HTTPError(502, failure.details))))
        // What says why leaves before the socket does.
        self.connection.shutdownOutput()
        self.connection.restartTimer(self.connection.pool.limits.connect)
    }
}

extension HTTP2Stream {
    /// The request that it carries.
    fileprivate var request: HTTP2UpstreamStream? {
        // SAFETY: this connection sets nothing else, and takes it away before the stream's end goes.
        self.owner.map { unsafeDowncast($0, to: HTTP2UpstreamStream.self) }
    }
}
