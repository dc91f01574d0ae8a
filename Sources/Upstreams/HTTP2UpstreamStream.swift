internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor

/// One request on a stream of HTTP/2.
final class HTTP2UpstreamStream: UpstreamStream {
    // SAFETY: as `connection`.
    unowned(unsafe) private var http2: HTTP2UpstreamConnection
    private var stream: HTTP2Stream?
    /// Place in the connection's list.
    var index = -1
    private var request = Request(isHead: false)
    private var isRequestSent = false
    /// Something of a response has come.
    private var hasResponse = false
    /// The final response's head has.
    private var hasHead = false
    /// The service has opened the tunnel that was asked for.
    private var isTunnel = false
    /// Of a request to switch protocols.
    private var upgradeToken: [UInt8] = []
    private var webSocketAnswer: [UInt8]?
    /// Of silence in the exchange.
    private let timer = DeadlineTimer()

    init(_ http2: HTTP2UpstreamConnection) {
        self.http2 = http2
        super.init(http2.connection)
        self.timer.owner = self
    }

    private var session: HTTP2Session { self.http2.session }

    /// Is another connection's from now on.
    func join(_ http2: HTTP2UpstreamConnection) {
        self.http2 = http2
        self.connection = http2.connection
    }

    // MARK: The request

    override func begin(_ request: Request) {
        self.request = request
        self.isRequestSent = false
        self.hasResponse = false
        self.hasHead = false
        self.isTunnel = false
        self.webSocketAnswer = nil
        self.noteProgress()
    }

    /// What follows the head is no body.
    private var asksTunnel: Bool { self.request.asksUpgrade || self.request.isConnect }

    override func sendHead(_ head: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions) {
        if options.upgrade {
            self.upgradeToken = head.first(.upgrade)?.bytes ?? []
            self.webSocketAnswer = options.receivedHTTP2 ? nil : WebSocketHandshake.answer(to: head)
        }
        self.isRequestSent = framing.isEmpty && !self.asksTunnel
        if !options.upgrade || self.session.peerAllowsExtendedConnect {
            self.stream = self.session.sendRequest(
                head, framing: framing, options: options, endOfStream: self.isRequestSent, owner: self,
                upgradeIndex: self.request.upgradeIndex)
        }
        // Sending never calls the sink: it is told in the next turn of the timers.
        if self.stream == nil { self.setTimer(0) }
    }

    override func sendBody(_ bytes: ByteView, endOfStream: Bool) {
        guard let stream = self.stream else { return }
        self.noteProgress()
        if endOfStream { self.isRequestSent = true }
        self.session.sendBody(stream, bytes, endOfStream: endOfStream)
    }

    override func sendTrailers(_ trailers: HeaderBlock) {
        guard let stream = self.stream else { return }
        self.noteProgress()
        self.isRequestSent = true
        self.session.sendTrailers(stream, trailers)
    }

    override func sendTunnel(_ bytes: ByteView) { self.sendBody(bytes, endOfStream: false) }
    override func endTunnel() { self.sendBody(.empty, endOfStream: true) }

    override func abandon() {
        self.sink = nil
        self.leave(.cancel)
    }

    override var isWriteBlocked: Bool { self.stream?.isWriteBlocked ?? false }
    override var takesBody: Bool { !self.isWriteBlocked }
    override func pauseReading() { if let stream = self.stream { self.session.pause(stream) } }
    override func resumeReading() { if let stream = self.stream { self.session.resume(stream) } }

    // MARK: The response

    func headArrived(_ facts: ResponseFacts, endOfStream: Bool) {
        guard let sink = self.sink else { return }
        self.noteProgress()
        self.hasResponse = true
        if facts.isInformational { return sink.informational() }
        self.hasHead = true
        var facts = facts
        if facts.isUpgrade { self.writeUpgrade(in: sink.response) }
        if facts.isTunnel {
            self.isTunnel = true
            sink.head(facts, endOfStream: false)
            if endOfStream { self.sink?.tunnelEnded() }
        } else if endOfStream || facts.framing.isEmpty {
            facts.framing = facts.framing == .length(0) ? .length(0) : .none
            self.release()
            sink.head(facts, endOfStream: true)
        } else {
            sink.head(facts, endOfStream: false)
        }
    }

    /// Makes the response what HTTP/1.1 says in its place (RFC 8441, 5).
    private func writeUpgrade(in response: HeaderBlock) {
        response.status = 101
        self.upgradeToken.withByteView { _ = response.set(.upgrade, $0) }
        self.webSocketAnswer?.withByteView { _ = response.set(ByteView("sec-websocket-accept"), $0) }
    }

    func bodyArrived(_ bytes: ByteView, endOfStream: Bool) {
        guard let sink = self.sink else { return }
        self.noteProgress()
        if self.isTunnel {
            if !bytes.isEmpty { sink.tunnel(bytes) }
            if endOfStream { self.sink?.tunnelEnded() }
            return
        }
        if endOfStream { self.release() }
        sink.body(bytes, endOfStream: endOfStream)
    }

    func trailersArrived() {
        guard let sink = self.sink else { return }
        self.release()
        if sink.trailers.count > 0 { sink.trailersEnded() } else { sink.body(.empty, endOfStream: true) }
    }

    func outputDrained() {
        self.noteProgress()
        self.sink?.drained()
    }

    // MARK: The end

    /// The response is complete: nothing more is to be told.
    private func release() {
        self.sink = nil
        self.http2.hasServed = true
        // The rest of a request that has its answer is not wanted any more.
        self.leave(self.isRequestSent && !self.isWriteBlocked ? nil : .cancel)
    }

    /// The session's last word, when the response is not complete.
    func ended(_ end: HTTP2StreamEnd) {
        switch end {
        case .finished: self.fail(UpstreamError(.closed(0)))
        case .resetByPeer(let code): self.fail(UpstreamError(.reset(code)))
        // GOAWAY says the same of many streams (RFC 9113, 8.7).
        case .unprocessed: self.fail(UpstreamError(.reset(.refusedStream), retry: .always))
        case .failed: self.fail(Self.broken(self.stream?.fault))
        case .connectionEnded: self.fail(Self.broken(self.session.failure?.details))
        }
    }

    /// The connection is gone, with `errno` or 0. One that was used before may have been given up by the
    /// service before the request came.
    func connectionEnded(_ code: Int32) {
        let isStale = self.http2.hasServed && !self.hasResponse
        self.fail(UpstreamError(.closed(code), retry: isStale ? .ifIdempotent : .never))
    }

    private static func broken(_ details: StaticString?) -> UpstreamError {
        UpstreamError(.badResponse(HTTPError(502, details ?? "http2.protocol_error")))
    }

    func fail(_ error: UpstreamError) {
        let sink = self.sink
        self.sink = nil
        self.leave(.cancel)
        sink?.failed(error, unsent: nil)
    }

    /// - Parameter code: What the service is told when its stream is still open; nil: it ends by itself.
    private func leave(_ code: HTTP2ErrorCode?) {
        if self.index < 0 { return }
        if let stream = self.stream {
            if let code, !stream.isOver { self.session.reset(stream, code) }
            stream.owner = nil
            self.stream = nil
        }
        self.connection.loop.timers.cancel(self.timer)
        self.http2.giveBack(self)
        self.index = -1
    }

    // MARK: Time

    private func noteProgress() { self.setTimer(self.connection.pool.limits.idle) }

    override func timerFired(_ timer: DeadlineTimer) {
        guard let stream = self.stream else {
            return self.fail(UpstreamError(self.request.asksUpgrade ? .upgradeRefused : .closed(0)))
        }
        // A client that does not read, or does not send, is not the service's silence. Once the service has
        // begun to answer either may speak, and neither does.
        let isClientDue = !(self.isRequestSent || self.hasHead || self.asksTunnel || stream.isWriteBlocked)
        if stream.isPaused || isClientDue { return self.noteProgress() }
        self.fail(UpstreamError(.idleTimedOut))
    }

    private func setTimer(_ nanoseconds: UInt64) {
        let loop = self.connection.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    /// - Parameter loop: Its connection may be gone.
    func removeTimer(_ loop: EventLoop) { loop.timers.remove(self.timer) }
}
