internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry

/// A client's connection, HTTP/1.1: reads requests one after the other and hands each to an ``Exchange``.
///
///     idle ─► head ─► body ─► answering ─► idle …
///               │       └──────────┬─────► discarding (rest of a request that was answered early) ─► idle
///               └── refused ───────┴─────► lingering (half-closed; what comes is dropped) ─► closed
final class ServerConnection: SocketStream {
    private enum State { case idle, head, body, answering, discarding, lingering, closing, tunnel }

    /// The most of an answered request's rest that is read to keep the connection, in bytes.
    private static let discardLimit = 64 << 10
    /// How long the client may take to see an answer and close, in nanoseconds.
    private static let lingerTime: UInt64 = 2_000_000_000

    let home: Worker
    /// The listener as the present snapshot has it, and its index there.
    private(set) var plan: ListenerPlan
    private(set) var listener: Int
    let id: UInt64
    /// Place in the worker's list of connections.
    var index = -1
    /// `address:port` of the client and of our end.
    let peer = ByteBuffer(capacity: 24)
    let local: ByteBuffer
    private let peerHostLength: Int
    let peerPort: UInt16

    private var state = State.idle
    private var parser: RequestHeadParser
    private var decoder = BodyDecoder()
    // SAFETY: see Exchange.
    private unowned(unsafe) var exchange: Exchange?
    private var discarded = 0
    /// What the response's head has told the client.
    var keepsAlive = false
    private var isInputEnded = false
    private var isDraining = false
    private var pendingPlan: (Int, ListenerPlan)?
    private let timer = DeadlineTimer()
    /// Made when a rule first wants it.
    private var requestTimer: DeadlineTimer?

    init(_ worker: Worker, _ socket: Socket, listener: Int, plan: ListenerPlan, local: ByteBuffer) {
        self.home = worker
        self.plan = plan
        self.listener = listener
        self.id = worker.nextConnectionID()
        self.local = local
        self.parser = RequestHeadParser(
            limits: plan.limits, allowConnect: plan.allowsConnect, upgradeTokens: plan.upgrades
        )
        let address = socket.remoteAddress
        let host = address?.host ?? ""
        self.peerPort = address?.port ?? 0
        self.peer.append(address?.family == .unix || address == nil ? "unix:" : address?.description ?? "")
        self.peerHostLength = host.utf8.count
        super.init(loop: worker.loop, socket: socket, isConnecting: false)
        self.timer.owner = self
        socket.disableDelay()
        self.setTimer(plan.idleTimeout)
    }

    /// The client's address without the port; `unix` for a Unix socket.
    var peerHost: ByteView {
        let view = self.peer.view
        if view[0] == 0x5B { return view[1..<1 + self.peerHostLength] }
        return self.peerPort == 0 ? ByteView("unix") : view[0..<self.peerHostLength]
    }

    // MARK: Reading

    override func received(_ bytes: ByteView) -> Int {
        var rest = bytes
        while !rest.isEmpty, !self.isReadingPaused, !self.isClosed {
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
                self.pauseReading()
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
        self.exchange = self.home.takeExchange(listener: self.listener)
        self.setTimer(self.plan.headerTimeout)
    }

    /// - Returns: Bytes taken; nil when more are needed or the request was refused.
    private func readHead(_ bytes: ByteView) -> Int? {
        guard let exchange = self.exchange else { return nil }
        switch self.parser.parse(bytes, into: exchange.request, facts: &exchange.facts) {
        case .incomplete:
            return nil
        case .failed(let error):
            self.refuse(exchange, error)
            return nil
        case .complete(let taken):
            let framing = exchange.facts.framing
            self.keepsAlive = false
            if framing.isEmpty {
                self.state = .answering
                self.stopTimer()
            } else {
                self.state = .body
                self.decoder.begin(framing, limits: self.plan.limits)
                self.setTimer(self.plan.bodyTimeout)
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
        self.setTimer(self.plan.bodyTimeout)
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
        let step = self.decoder.next(bytes, trailers: self.home.unwantedTrailers)
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

    override func inputEnded() {
        self.isInputEnded = true
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

    override func failed(_ code: Int32, whileWriting: Bool) {
        if let exchange = self.exchange, self.state != .head {
            exchange.clientFailed("downstream_reset")
        } else {
            self.dropExchange()
            self.close()
        }
    }

    /// What waits to be read can no longer be answered, and the service need not go on.
    override func connectionLost() { self.failed(0, whileWriting: false) }

    /// A request whose head never came to an end has no record.
    private func dropExchange() {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        self.home.giveBack(exchange)
    }

    // MARK: For the exchange

    /// Whether the connection may serve another request after this one, as far as can be told when the
    /// response begins.
    func mayKeepAlive(_ exchange: Exchange) -> Bool {
        guard exchange.facts.isKeepAlive, !exchange.closesConnection, !self.isInputEnded, !self.isDraining,
            self.state != .lingering
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

    func enterTunnel() {
        self.state = .tunnel
        self.stopTimer()
        // The response is complete, as far as the limit goes.
        if let timer = self.requestTimer { self.loop.timers.cancel(timer) }
    }

    /// Whether the request's body may be read on has changed.
    func requestFlowChanged() {
        guard self.state == .body, let exchange = self.exchange else { return }
        if exchange.wantsRequestBody { self.resumeReading() } else { self.pauseReading() }
    }

    /// - Parameter nanoseconds: From now until ``Exchange/timedOut()``.
    func startRequestTimer(_ nanoseconds: UInt64) {
        let timer = self.requestTimer ?? DeadlineTimer(owner: self)
        self.requestTimer = timer
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    /// The exchange is over and has been told so; decides what becomes of the connection.
    func exchangeEnded(isAborted: Bool, isRequestReceived: Bool) {
        self.exchange = nil
        if let timer = self.requestTimer { self.loop.timers.cancel(timer) }
        if self.isClosed { return }
        if isAborted { return self.abort() }
        switch self.state {
        case .lingering: self.linger()
        case .body where self.keepsAlive && !self.isInputEnded:
            self.state = .discarding
            self.discarded = 0
            self.setTimer(self.plan.bodyTimeout)
            self.resumeReading()
        case .body: self.linger()
        case .answering where self.keepsAlive && !self.isInputEnded: self.becomeIdle()
        default: self.linger()
        }
    }

    private func becomeIdle() {
        if self.isDraining { return self.linger() }
        self.state = .idle
        if self.pendingPlan != nil { self.takePendingPlan() }
        self.setTimer(self.plan.idleTimeout)
        self.resumeReading()
    }

    /// The client has the time that a body has to read what waits for it.
    private func closeWhenFlushed() {
        if !self.isInputEnded, self.hasUnreadInput { return self.linger() }
        if self.unsentBytes == 0 { return self.close() }
        self.state = .closing
        self.setTimer(self.plan.bodyTimeout)
        self.finishOutput()
    }

    /// Lets the client see the answer before the connection goes (RFC 9112, 9.6): a close with unread input
    /// would reset it.
    private func linger() {
        if self.isInputEnded { return self.closeWhenFlushed() }
        self.state = .lingering
        self.setTimer(self.plan.bodyTimeout)
        self.shutdownOutput()
        self.resumeReading()
    }

    /// A new snapshot is in force; requests that have begun finish on theirs.
    func adopt(_ snapshot: WorkerSnapshot) {
        guard let index = snapshot.shared.listeners.firstIndex(where: { $0.name == self.plan.name }) else {
            return self.drain()
        }
        self.pendingPlan = (index, snapshot.shared.listeners[index])
        if self.state == .idle { self.takePendingPlan() }
    }

    private func takePendingPlan() {
        guard let (index, plan) = self.pendingPlan else { return }
        self.pendingPlan = nil
        self.listener = index
        self.plan = plan
        self.parser = RequestHeadParser(
            limits: plan.limits, allowConnect: plan.allowsConnect, upgradeTokens: plan.upgrades
        )
    }

    /// No further request is taken; one in progress is answered first.
    func drain() {
        self.isDraining = true
        if self.state == .idle { self.closeWhenFlushed() }
    }

    /// The response waits for the client to read: it has the time that a body has.
    func expectReading() {
        if !self.timer.isSet { self.setTimer(self.plan.bodyTimeout) }
    }

    override func outputDrained() {
        guard let exchange = self.exchange else {
            if self.state == .closing { return self.close() }
            if self.state == .lingering { self.setTimer(Self.lingerTime) }
            return
        }
        if self.state == .answering || self.state == .tunnel { self.stopTimer() }
        if self.state != .head { exchange.settle() }
    }

    override func outputProgressed() {
        switch self.state {
        case .answering, .tunnel, .lingering, .closing: self.setTimer(self.plan.bodyTimeout)
        case .idle: self.setTimer(self.plan.idleTimeout)
        case .head, .body, .discarding: break  // The time is the client's, to send.
        }
    }

    override func closed() {
        self.loop.timers.remove(self.timer)
        if let timer = self.requestTimer { self.loop.timers.remove(timer) }
        // An exchange must not outlive its connection.
        if self.state == .head {
            self.dropExchange()
        } else {
            self.exchange?.clientFailed("downstream_closed")
        }
        self.home.connectionDidClose(self)
    }

    // MARK: Time

    override func timerFired(_ timer: DeadlineTimer) {
        if timer !== self.timer {
            self.exchange?.timedOut()
            return
        }
        switch self.state {
        case .idle, .lingering, .closing, .discarding: self.close()  // Which ends an exchange that is left.
        case .head:
            guard let exchange = self.exchange else { return }
            self.refuse(exchange, .headTimedOut)
        case .body:
            // While we do not read, the silence is ours.
            if self.isReadingPaused { return self.setTimer(self.plan.bodyTimeout) }
            self.state = .lingering
            self.exchange?.requestBroken(.bodyTimedOut)
        case .answering, .tunnel:
            self.exchange?.clientFailed("downstream_write_timeout")
        }
    }

    private func setTimer(_ nanoseconds: UInt64) {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    private func stopTimer() { self.loop.timers.cancel(self.timer) }
}
