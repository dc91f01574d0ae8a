internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry

/// The client's end of an exchange on a stream of HTTP/2.
///
///     head ─► (body) ─► answered ─► over
///                          ├─ a small rest of the request is still to come: it is dropped ─► over
///                          └─ any other rest: RST_STREAM(NO_ERROR) behind the answer ─► over
final class HTTP2ClientStream: ClientStream {
    // SAFETY: as `connection`.
    unowned(unsafe) private var http2: HTTP2Connection
    private var stream: HTTP2Stream?
    /// Place in the connection's list.
    var index = -1
    /// The exchange has begun; before, there is half a head.
    private var hasBegun = false
    /// The request is complete, or what follows is a tunnel.
    private var isRequestEnded = false
    /// The rest of the request did not come in time.
    private var isRequestLate = false
    /// The final response has begun: from here on the client may be as silent as it likes, as in calls where
    /// both sides talk, until the service is, too.
    private var hasResponse = false
    /// The answer is complete, and what it has not sent yet is all that is left to do.
    private var isAnswered = false
    /// Of a request that is answered early, what is still to come may come.
    private var isRestWanted = false
    /// Bytes of the answer that waited when the client was last looked at.
    private var waitingBytes = 0
    private var responseFraming = BodyFraming.none
    /// Of silence in the request's body before the response has begun, and then of a client that does not
    /// read, or of a rest of the request that is let come.
    private let timer = DeadlineTimer()

    init(_ http2: HTTP2Connection) {
        self.http2 = http2
        super.init(http2.connection)
        self.timer.owner = self
    }

    private var session: HTTP2Session { self.http2.session }
    /// The most of an answered request's rest that is let come, in bytes.
    private static let discardLimit: UInt64 = 64 << 10

    // MARK: The request

    /// Is another connection's from now on.
    func join(_ http2: HTTP2Connection) {
        self.http2 = http2
        self.connection = http2.connection
    }

    /// A head begins on `stream`.
    func begin(_ stream: HTTP2Stream, _ exchange: Exchange) {
        stream.owner = self
        self.stream = stream
        self.exchange = exchange
        self.hasBegun = false
        self.isRequestEnded = false
        self.isRequestLate = false
        self.hasResponse = false
        self.isAnswered = false
        self.isRestWanted = false
    }

    func headArrived(_ facts: RequestFacts, endOfStream: Bool) {
        guard let exchange = self.exchange else { return }
        exchange.facts = facts
        self.hasBegun = true
        // A tunnel's bytes are no body.
        self.isRequestEnded = endOfStream || facts.framing.isEmpty
        if !self.isRequestEnded { self.expectBody() }
        // What is sent through a tunnel waits for it to open.
        if facts.isConnect || facts.isUpgrade, let stream = self.stream { self.session.pause(stream) }
        exchange.begin(self, endOfStream: self.isRequestEnded)
    }

    /// It reached no filter: the record alone tells of it.
    func headRefused(_ error: HTTPError, endOfStream: Bool) {
        guard let exchange = self.exchange else { return }
        self.hasBegun = true
        self.isRequestEnded = endOfStream
        exchange.facts = RequestFacts()
        exchange.facts.isHTTP2 = true
        exchange.refused(self, error)
    }

    func bodyArrived(_ bytes: ByteView, endOfStream: Bool) {
        guard let exchange = self.exchange else { return }
        if exchange.isTunnel {
            if !bytes.isEmpty { exchange.tunnelUp(bytes) }
            if endOfStream { self.exchange?.tunnelEndedByClient() }
            return
        }
        if self.isRequestEnded { return }
        self.isRequestEnded = endOfStream
        if !self.hasResponse { if endOfStream { self.stopTimer() } else { self.expectBody() } }
        exchange.requestBodyArrived(bytes, endOfStream: endOfStream)
    }

    func trailersArrived() {
        guard let exchange = self.exchange, !self.isRequestEnded else { return }
        self.isRequestEnded = true
        if !self.hasResponse { self.stopTimer() }
        if exchange.requestTrailers.count > 0 {
            exchange.requestTrailersArrived()
        } else {
            exchange.requestBodyArrived(.empty, endOfStream: true)
        }
    }

    override func requestFlowChanged() {
        if let exchange = self.exchange { self.setTunnelReading(exchange.wantsRequestBody) }
    }

    override func setTunnelReading(_ isWanted: Bool) {
        guard let stream = self.stream else { return }
        if isWanted { self.session.resume(stream) } else { self.session.pause(stream) }
    }

    // MARK: The response

    override func sendHead(_ exchange: Exchange, framing: BodyFraming, endOfStream: Bool) {
        guard let stream = self.stream else { return }
        self.responseFraming = framing
        self.hasResponse = true
        self.stopTimer()
        if exchange.closesConnection { self.http2.drain() }
        var options = ResponseHeadOptions()
        options.receivedMinorVersion = exchange.responseFacts.minorVersion
        options.receivedHTTP2 = exchange.responseFacts.isHTTP2
        options.upgrade = exchange.isTunnel && exchange.responseFacts.isUpgrade
        options.wasHead = exchange.facts.isHead
        options.via = !exchange.isReplying
        if options.upgrade { exchange.response.removeAll(named: ByteView("sec-websocket-accept")) }
        let isEnd = endOfStream || (framing == .none && !exchange.isTunnel)
        self.session.sendResponse(
            stream, exchange.response, framing: framing, options: options, endOfStream: isEnd)
    }

    override func sendInformational(_ response: HeaderBlock) {
        guard let stream = self.stream else { return }
        self.session.sendResponse(
            stream, response, framing: .none, options: ResponseHeadOptions(), endOfStream: false)
    }

    override func sendContinue() {
        guard let stream = self.stream else { return }
        let block = self.connection.home.unwantedTrailers
        block.reset()
        block.status = 100
        var options = ResponseHeadOptions()
        options.via = false
        self.session.sendResponse(stream, block, framing: .none, options: options, endOfStream: false)
        block.reset()
    }

    override func sendBody(_ bytes: ByteView, endOfStream: Bool) {
        guard let stream = self.stream, self.responseFraming != .none else { return }
        self.session.sendBody(stream, bytes, endOfStream: endOfStream)
    }

    override func sendTrailers(_ trailers: HeaderBlock) {
        guard let stream = self.stream, self.responseFraming != .none else { return }
        self.session.sendTrailers(stream, trailers)
    }

    override var isWriteBlocked: Bool { self.stream?.isWriteBlocked ?? false }

    override func sendTunnel(_ bytes: ByteView) {
        if let stream = self.stream { self.session.sendBody(stream, bytes, endOfStream: false) }
    }

    override var upgradeTokens: [String] { self.session.settings.upgradeTokens }

    /// The client has the time that a body has, from the last byte that it took.
    override func expectReading() {
        if self.timer.isSet { return }
        self.waitingBytes = self.stream?.unsentBytes ?? 0
        self.setTimer(self.connection.plan.bodyTimeout)
    }

    /// What waited was written.
    func outputDrained() {
        self.stopTimer()
        if self.isAnswered { self.finishRequest() } else { self.exchange?.settle() }
    }

    // MARK: The end

    override func exchangeEnded(isAborted: Bool, isRequestReceived: Bool) {
        let exchange = self.exchange
        self.exchange = nil
        self.stopRequestTimer()
        guard let stream = self.stream, !stream.isOver else { return self.leave() }
        if isAborted {
            // After a call's time gRPC's clients take CANCEL for DEADLINE_EXCEEDED, which is what it is.
            let isLateCall = exchange?.record.grpcStatus == .deadlineExceeded
            return self.reset(isLateCall ? .cancel : .internalError)
        }
        if let exchange {
            if exchange.isTunnel { self.session.sendBody(stream, .empty, endOfStream: true) }
            // The exchange is another request's from now on, and so is the block of trailers whose end has
            // not come.
            let isHeadCut = self.session.dropOpenHead(of: stream)
            self.isRestWanted = !isHeadCut && !self.isRequestLate && Self.isRestSmall(exchange)
        }
        self.isAnswered = true
        if stream.isWriteBlocked { return self.expectReading() }
        self.finishRequest()
    }

    /// Whether so little of the request is still to come that the client may as well send it: as for
    /// ``HTTP1Connection``, but that the end must be in sight.
    private static func isRestSmall(_ exchange: Exchange) -> Bool {
        if exchange.facts.expectsContinue, !exchange.isContinueSent { return false }
        guard case .length(let total) = exchange.facts.framing else { return false }
        return total - min(total, exchange.record.requestBytes) <= Self.discardLimit
    }

    /// The answer is sent. A small rest of the request is let come; with any other the client need not go on
    /// (RFC 9113, 8.1).
    private func finishRequest() {
        guard let stream = self.stream, !stream.isOver else { return self.leave() }
        if stream.isInputEnded { return }
        if !self.isRestWanted { return self.reset(.noError) }
        self.setTimer(self.connection.plan.bodyTimeout)
        self.session.resume(stream)
    }

    private func reset(_ code: HTTP2ErrorCode) {
        if let stream = self.stream { self.session.reset(stream, code) }
        self.leave()
    }

    /// The session's last word.
    func ended(_ end: HTTP2StreamEnd) {
        if let exchange = self.exchange {
            let fault = self.fault(end)
            self.exchange = self.hasBegun ? exchange : nil
            switch (fault, self.hasBegun) {
            case (let fault?, true): exchange.clientBroke("\(fault)")
            case (let fault?, false): exchange.broken(self, "\(fault)")
            case (nil, true): exchange.clientFailed(Self.details(of: end))
            // A request whose head never came to an end has no record.
            case (nil, false): self.connection.home.giveBack(exchange)
            }
        }
        self.leave()
    }

    /// What the client did wrong; nil when nothing.
    private func fault(_ end: HTTP2StreamEnd) -> StaticString? {
        switch end {
        case .failed: self.stream?.fault
        case .connectionEnded: self.session.failure?.details
        case .finished, .resetByPeer, .unprocessed: nil
        }
    }

    private static func details(of end: HTTP2StreamEnd) -> String {
        if case .connectionEnded = end { "downstream_closed" } else { "downstream_reset" }
    }

    /// The connection is gone, and the session says nothing any more.
    func connectionClosed() {
        if let stream = self.stream, !stream.isOver { self.session.reset(stream, .cancel) }
        self.ended(.connectionEnded(.cancel))
    }

    private func leave() {
        guard let stream = self.stream else { return }
        stream.owner = nil
        self.stream = nil
        self.stopTimer()
        self.http2.giveBack(self)
    }

    // MARK: Time

    override func timerFired(_ timer: DeadlineTimer) {
        if timer !== self.timer { return super.timerFired(timer) }
        guard let stream = self.stream else { return }
        if stream.isWriteBlocked, stream.unsentBytes < self.waitingBytes { return self.expectReading() }
        if self.isAnswered { return self.reset(stream.isWriteBlocked ? .cancel : .noError) }
        if self.hasResponse {
            self.exchange?.clientFailed("downstream_write_timeout")
        } else if stream.isPaused || self.http2.isInputHeld {
            self.expectBody()  // While we do not read, the silence is ours.
        } else {
            self.isRequestEnded = true
            self.isRequestLate = true
            self.exchange?.requestBroken(.bodyTimedOut)
        }
    }

    /// More of the request must come.
    private func expectBody() { self.setTimer(self.connection.plan.bodyTimeout) }

    private func setTimer(_ nanoseconds: UInt64) {
        let loop = self.connection.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    private func stopTimer() { self.connection.loop.timers.cancel(self.timer) }

    func removeTimers() {
        self.connection.loop.timers.remove(self.timer)
        self.removeRequestTimer()
    }
}
