internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry

/// A client's connection that speaks HTTP/1.1: reads requests one after the other and hands each to an
/// ``Exchange``.
///
///     idle ─► head ─► body ─► answering ─► idle …
///               │       └──────────┬─────► discarding (rest of a request that was answered early) ─► idle
///               └── refused ───────┴─────► lingering (half-closed; what comes is dropped) ─► closed
final class HTTP1Connection: ClientStream {
    private enum State { case idle, head, body, answering, discarding, lingering, closing, tunnel }

    /// The most of an answered request's rest that is read to keep the connection, in bytes.
    private static let discardLimit = 64 << 10
    /// How long the client may take to see an answer and close, in nanoseconds.
    private static let lingerTime: UInt64 = 2_000_000_000

    private var state = State.idle
    private var parser: RequestHeadParser
    private var decoder = BodyDecoder()
    private var discarded = 0
    /// A request has come: the connection speaks HTTP/1 for good.
    private var hasServed = false
    /// What the response's head has told the client.
    private var keepsAlive = false
    private var responseFraming = BodyFraming.none
    /// Of the state it is in.
    private let timer = DeadlineTimer()

    override init(_ connection: ServerConnection) {
        self.parser = Self.parser(connection)
        super.init(connection)
        self.timer.owner = self
        self.setTimer(connection.plan.idleTimeout)
    }

    private static func parser(_ connection: ServerConnection) -> RequestHeadParser {
        let plan = connection.plan
        return RequestHeadParser(
            limits: plan.limits, allowConnect: plan.allowsConnect, upgradeTokens: plan.upgrades,
            scheme: connection.scheme)
    }

    var isIdle: Bool { self.state == .idle }

    // MARK: Reading

    func received(_ bytes: ByteView) -> Int {
        let connection = self.connection
        var rest = bytes
        while !rest.isEmpty, !connection.isReadingPaused, !connection.isClosed {
            switch self.state {
            case .idle:
                self.beginHead()
            case .head:
                guard let taken = self.readHead(rest) else { return bytes.count - rest.count }
                rest = rest.dropFirst(taken)
            case .body:
                rest = rest.dropFirst(self.readBody(rest))
            case .answering:
                // The next request; it waits for the answer to this one.
                connection.pauseReading()
            case .discarding:
                rest = rest.dropFirst(self.discard(rest))
            case .tunnel:
                self.exchange?.tunnelUp(rest)
                return bytes.count
            case .closing:
                self.linger()
                return bytes.count
            case .lingering:
                return bytes.count
            }
        }
        return bytes.count - rest.count
    }

    private func beginHead() {
        self.state = .head
        self.exchange = self.connection.home.takeExchange(listener: self.connection.listener)
        self.setTimer(self.connection.plan.headerTimeout)
    }

    /// - Returns: Bytes taken; nil when more are needed or the request was refused.
    private func readHead(_ bytes: ByteView) -> Int? {
        guard let exchange = self.exchange else { return nil }
        switch self.parser.parse(bytes, into: exchange.request, facts: &exchange.facts) {
        case .incomplete:
            return nil
        case .failed(let error) where error == .http2Preface && !self.hasServed:
            self.dropExchange()
            self.state = .idle
            self.connection.becomeHTTP2()
            return nil
        case .failed(let error):
            self.refuse(exchange, error)
            return nil
        case .complete(let taken):
            let framing = exchange.facts.framing
            self.keepsAlive = false
            self.hasServed = true
            if framing.isEmpty {
                self.state = .answering
                self.stopTimer()
            } else {
                self.state = .body
                self.decoder.begin(framing, limits: self.connection.plan.limits)
                self.setTimer(self.connection.plan.bodyTimeout)
            }
            exchange.begin(self, endOfStream: framing.isEmpty)
            return taken
        }
    }

    private func readBody(_ bytes: ByteView) -> Int {
        guard let exchange = self.exchange else { return bytes.count }
        let step = self.decoder.next(bytes, trailers: exchange.requestTrailers)
        if let error = step.error {
            self.state = .lingering
            self.stopTimer()
            exchange.requestBroken(error)
            return bytes.count
        }
        self.setTimer(self.connection.plan.bodyTimeout)
        if step.isEnd {
            self.state = .answering
            self.stopTimer()
            if exchange.requestTrailers.count > 0 {
                if !step.data.isEmpty { exchange.requestBodyArrived(step.data, endOfStream: false) }
                // The exchange may be over, and another one's by now.
                if self.exchange === exchange, self.state == .answering { exchange.requestTrailersArrived() }
            } else {
                exchange.requestBodyArrived(step.data, endOfStream: true)
            }
        } else if !step.data.isEmpty {
            exchange.requestBodyArrived(step.data, endOfStream: false)
        }
        return step.consumed
    }

    /// Reads on what is left of a request that has its answer already.
    private func discard(_ bytes: ByteView) -> Int {
        let step = self.decoder.next(bytes, trailers: self.connection.home.unwantedTrailers)
        self.discarded += step.consumed
        if step.error != nil || self.discarded > Self.discardLimit {
            self.linger()
        } else if step.isEnd {
            self.becomeIdle()
        }
        return step.consumed
    }

    /// Answers a head that cannot be read. It reached no filter: the record alone tells of it.
    private func refuse(_ exchange: Exchange, _ error: HTTPError) {
        self.state = .lingering
        exchange.facts = RequestFacts()
        exchange.refused(self, error)
    }

    func inputEnded() {
        switch self.state {
        case .idle, .closing, .discarding: self.closeWhenFlushed()
        // A filter may still hold the answer.
        case .lingering: if self.exchange == nil { self.closeWhenFlushed() }
        case .head:
            self.dropExchange()
            self.closeWhenFlushed()
        case .body: self.exchange?.clientFailed("downstream_closed")
        case .answering: break  // Half-closed: the client still waits for its answer.
        case .tunnel: self.exchange?.tunnelEndedByClient()
        }
    }

    func connectionFailed() {
        if let exchange = self.exchange, self.state != .head {
            exchange.clientFailed("downstream_reset")
        } else {
            self.dropExchange()
            self.connection.close()
        }
    }

    /// A request whose head never came to an end has no record.
    private func dropExchange() {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.connection.home.giveBack(exchange)
    }

    // MARK: The response

    override func sendHead(_ exchange: Exchange, framing: BodyFraming, endOfStream: Bool) {
        self.responseFraming = framing
        let isTunnel = exchange.isTunnel
        self.keepsAlive = self.mayKeepAlive(exchange) && framing != .untilClose && !isTunnel
        var options = ResponseHeadOptions()
        options.minorVersion = exchange.facts.minorVersion
        options.receivedMinorVersion = exchange.responseFacts.minorVersion
        options.receivedHTTP2 = exchange.responseFacts.isHTTP2
        options.keepAlive = self.keepsAlive
        options.upgrade = isTunnel && exchange.responseFacts.isUpgrade
        options.wasHead = exchange.facts.isHead
        options.via = !exchange.isReplying
        HeadWriter.writeResponse(
            exchange.response, framing: framing, options: options, to: self.connection.beginOutput())
    }

    override func sendInformational(_ response: HeaderBlock) {
        guard let exchange = self.exchange, exchange.facts.minorVersion > 0 else { return }
        HeadWriter.writeResponse(
            response, framing: .none, options: ResponseHeadOptions(), to: self.connection.beginOutput())
    }

    override func sendContinue() { self.connection.send(ByteView("HTTP/1.1 100 Continue\r\n\r\n")) }

    override func sendBody(_ bytes: ByteView, endOfStream: Bool) {
        switch self.responseFraming {
        case .none: break
        case .untilClose, .length: self.connection.send(bytes)
        case .chunked:
            if !bytes.isEmpty {
                HeadWriter.writeChunkHeader(length: bytes.count, to: self.connection.beginOutput())
                self.connection.send(bytes, tail: "\r\n")
            }
            if endOfStream { HeadWriter.writeLastChunk(trailers: nil, to: self.connection.beginOutput()) }
        }
    }

    override func sendTrailers(_ trailers: HeaderBlock) {
        if self.responseFraming == .chunked {
            HeadWriter.writeLastChunk(trailers: trailers, to: self.connection.beginOutput())
        }
    }

    override var isWriteBlocked: Bool { self.connection.isWriteBlocked }

    override func sendTunnel(_ bytes: ByteView) { self.connection.send(bytes) }

    override func setTunnelReading(_ isWanted: Bool) {
        if isWanted { self.connection.resumeReading() } else { self.connection.pauseReading() }
    }

    /// Whether the connection may serve another request after this one, as far as can be told when the
    /// response begins.
    private func mayKeepAlive(_ exchange: Exchange) -> Bool {
        guard exchange.facts.isKeepAlive, !exchange.closesConnection, !self.connection.isInputEnded,
            !self.connection.isDraining, self.state != .lingering
        else {
            return false
        }
        if exchange.isRequestReceived { return true }
        if exchange.facts.expectsContinue, !exchange.isContinueSent { return false }
        if case .length(let total) = exchange.facts.framing {
            return total - min(total, exchange.record.requestBytes) <= Self.discardLimit
        }
        return true
    }

    override func enterTunnel() {
        super.enterTunnel()
        self.state = .tunnel
        self.stopTimer()
    }

    override func requestFlowChanged() {
        guard self.state == .body, let exchange = self.exchange else { return }
        self.setTunnelReading(exchange.wantsRequestBody)
    }

    override func exchangeEnded(isAborted: Bool, isRequestReceived: Bool) {
        self.exchange = nil
        self.stopRequestTimer()
        if self.connection.isClosed { return }
        if isAborted { return self.connection.abort() }
        switch self.state {
        case .lingering: self.linger()
        case .body where self.keepsAlive && !self.connection.isInputEnded:
            self.state = .discarding
            self.discarded = 0
            self.setTimer(self.connection.plan.bodyTimeout)
            self.connection.resumeReading()
        case .body: self.linger()
        case .answering where self.keepsAlive && !self.connection.isInputEnded: self.becomeIdle()
        default: self.linger()
        }
    }

    private func becomeIdle() {
        if self.connection.isDraining { return self.linger() }
        self.state = .idle
        self.connection.takePendingPlan()
        self.setTimer(self.connection.plan.idleTimeout)
        self.connection.resumeReading()
    }

    /// The client has the time that a body has to read what waits for it.
    private func closeWhenFlushed() {
        if !self.connection.isInputEnded, self.connection.hasUnreadInput { return self.linger() }
        if self.connection.isWritten { return self.connection.close() }
        self.state = .closing
        self.setTimer(self.connection.plan.bodyTimeout)
        self.connection.finishOutput()
    }

    /// Lets the client see the answer before the connection goes (RFC 9112, 9.6): a close with unread input
    /// would reset it.
    private func linger() {
        if self.connection.isInputEnded { return self.closeWhenFlushed() }
        self.state = .lingering
        self.setTimer(self.connection.plan.bodyTimeout)
        self.connection.shutdownOutput()
        self.connection.resumeReading()
    }

    func planChanged() { self.parser = Self.parser(self.connection) }

    func drain() { if self.state == .idle { self.closeWhenFlushed() } }

    /// The client has the time that a body has.
    override func expectReading() {
        if !self.timer.isSet { self.setTimer(self.connection.plan.bodyTimeout) }
    }

    func outputDrained() {
        guard let exchange = self.exchange else {
            if self.state == .closing { return self.connection.close() }
            if self.state == .lingering { self.setTimer(Self.lingerTime) }
            return
        }
        if self.state == .answering || self.state == .tunnel { self.stopTimer() }
        if self.state != .head { exchange.settle() }
    }

    func outputProgressed() {
        switch self.state {
        case .answering, .tunnel, .lingering, .closing: self.setTimer(self.connection.plan.bodyTimeout)
        case .idle: self.setTimer(self.connection.plan.idleTimeout)
        case .head, .body, .discarding: break  // The time is the client's, to send.
        }
    }

    func connectionClosed() {
        self.connection.loop.timers.remove(self.timer)
        self.removeRequestTimer()
        // An exchange must not outlive its connection.
        if self.state == .head {
            self.dropExchange()
        } else {
            self.exchange?.clientFailed("downstream_closed")
        }
    }

    // MARK: Time

    override func timerFired(_ timer: DeadlineTimer) {
        if timer !== self.timer { return super.timerFired(timer) }
        switch self.state {
        // Which ends an exchange that is left.
        case .idle, .lingering, .closing, .discarding: self.connection.close()
        case .head:
            guard let exchange = self.exchange else { return }
            self.refuse(exchange, .headTimedOut)
        case .body:
            // While we do not read, the silence is ours.
            if self.connection.isReadingPaused { return self.setTimer(self.connection.plan.bodyTimeout) }
            self.state = .lingering
            self.exchange?.requestBroken(.bodyTimedOut)
        case .answering, .tunnel:
            self.exchange?.clientFailed("downstream_write_timeout")
        }
    }

    private func setTimer(_ nanoseconds: UInt64) {
        self.connection.loop.timers.set(
            self.timer, at: self.connection.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    private func stopTimer() { self.connection.loop.timers.cancel(self.timer) }
}
