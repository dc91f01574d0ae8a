internal import Filtering
internal import HTTPCodec
public import Primitives
public import Reactor

/// A connection to one endpoint of a service, HTTP/1.1, one request at a time.
///
///     connecting ──► idle ──begin──► awaitingHead ──► body ──► idle (in the pool) or closed
///                                          └────────► tunnel ──► closed
public final class UpstreamConnection: SocketStream {
    private enum State { case idle, awaitingHead, body, tunnel }

    /// What the parser must know of the request that is being answered.
    public struct Request {
        public var isHead: Bool
        public var isConnect: Bool
        public var asksUpgrade: Bool
        /// To which protocol, as `RequestFacts.upgradeIndex` counts them.
        public var upgradeIndex: Int

        public init(isHead: Bool, isConnect: Bool, asksUpgrade: Bool, upgradeIndex: Int) {
            self.isHead = isHead
            self.isConnect = isConnect
            self.asksUpgrade = asksUpgrade
            self.upgradeIndex = upgradeIndex
        }
    }

    public let pool: ServicePool
    let endpoint: Endpoint
    /// Place in the endpoint's list of idle connections; -1 while in use.
    var idleIndex = -1
    /// Place in the pool's list of connections.
    var index = -1
    /// Counted by the balancer as a request in flight.
    var isAssigned = false
    /// The request, while one is being answered.
    // SAFETY: a sink lives as long as its worker, and is let go of with the request.
    unowned(unsafe) var sink: UpstreamSink?
    private var state = State.idle
    private var request = Request(isHead: false, isConnect: false, asksUpgrade: false, upgradeIndex: 0)
    private var parser: ResponseHeadParser
    private var decoder = BodyDecoder()
    private var facts = ResponseFacts()
    private var isRequestSent = false
    private var hasResponseBytes = false
    /// Requests answered here before.
    public private(set) var served = 0
    /// Until connected, of silence in an exchange, or of an unused connection.
    private let timer = DeadlineTimer()

    init(pool: ServicePool, endpoint: Endpoint, socket: Socket) {
        self.pool = pool
        self.endpoint = endpoint
        self.parser = ResponseHeadParser(limits: HeadLimits(), upgradeTokens: ["websocket"])
        super.init(loop: pool.loop, socket: socket, isConnecting: true)
        self.timer.owner = self
    }

    /// The endpoint's address as configured; lives as long as the connection.
    public var address: ByteView { self.endpoint.nameView }
    /// The endpoint's number among the service's, for ``TriedEndpoints``.
    public var slot: Int { self.endpoint.slot }

    // MARK: The request

    /// A request is about to be written; send its head and body with `send`, then ``requestEnded()``.
    public func begin(_ request: Request) {
        self.request = request
        self.state = .awaitingHead
        self.isRequestSent = false
        self.hasResponseBytes = false
        self.parser.reset()
        self.noteProgress()
    }

    /// The client has sent something for the service: the exchange is not idle.
    public func noteProgress() {
        if !self.isConnecting, self.isAssigned { self.restartTimer(self.pool.limits.idle) }
    }

    /// The request asks to switch to one of `tokens`, which its `upgradeIndex` counts; after ``begin(_:)``.
    public func expectUpgrade(among tokens: [String]) {
        self.parser = ResponseHeadParser(limits: HeadLimits(), upgradeTokens: tokens)
    }

    /// The request is complete.
    public func requestEnded() {
        self.isRequestSent = true
        self.noteProgress()
    }

    /// Gives up the request: the connection is closed, because its response is still to come.
    public func abandon() {
        self.sink = nil
        self.close()
    }

    // MARK: Events

    public override func connected() {
        if self.endpoint.hasSeveralAddresses, let address = self.socket.remoteAddress {
            self.endpoint.prefer(address)
        }
        self.noteProgress()
    }

    public override func received(_ bytes: ByteView) -> Int {
        var rest = bytes
        while !rest.isEmpty, !self.isReadingPaused, !self.isClosed {
            switch self.state {
            case .idle:
                self.close()  // Nothing was asked: what comes belongs to no request.
                return bytes.count
            case .tunnel:
                self.restartTimer(self.pool.limits.idle)
                self.sink?.tunnel(rest)
                return bytes.count
            case .awaitingHead:
                guard let taken = self.readHead(rest) else { return bytes.count - rest.count }
                rest = rest.dropFirst(taken)
            case .body:
                rest = rest.dropFirst(self.readBody(rest))
            }
        }
        return bytes.count - rest.count
    }

    /// - Returns: Bytes taken; nil when more are needed or the connection failed.
    private func readHead(_ bytes: ByteView) -> Int? {
        guard let sink = self.sink else { return nil }
        self.hasResponseBytes = true
        let result = self.parser.parse(
            bytes, into: sink.response, facts: &self.facts, requestWasHead: self.request.isHead,
            requestWasConnect: self.request.isConnect, upgradeAsked: self.request.asksUpgrade,
            upgradeIndex: self.request.upgradeIndex
        )
        switch result {
        case .incomplete:
            return nil
        case .failed(let error):
            self.fail(UpstreamError(.badResponse(error)))
            return nil
        case .complete(let taken):
            self.parser.reset()
            if self.facts.isInformational {
                sink.informational()
                return taken
            }
            if self.facts.isTunnel {
                self.state = .tunnel
                self.restartTimer(self.pool.limits.idle)
                sink.head(self.facts, endOfStream: false)
                return taken
            }
            self.restartTimer(self.pool.limits.idle)
            if self.facts.framing == .none || self.facts.framing == .length(0) {
                let sink = self.release(hasMore: bytes.count > taken)
                sink?.head(self.facts, endOfStream: true)
            } else {
                self.state = .body
                self.decoder.begin(self.facts.framing, limits: HeadLimits())
                sink.head(self.facts, endOfStream: false)
            }
            return taken
        }
    }

    private func readBody(_ bytes: ByteView) -> Int {
        guard let sink = self.sink else { return bytes.count }
        let step = self.decoder.next(bytes, trailers: sink.trailers)
        if let error = step.error {
            self.fail(UpstreamError(.badResponse(error)))
            return bytes.count
        }
        self.restartTimer(self.pool.limits.idle)
        if step.isEnd {
            let hasTrailers = sink.trailers.count > 0
            let sink = self.release(hasMore: bytes.count > step.consumed)
            if hasTrailers {
                if !step.data.isEmpty { sink?.body(step.data, endOfStream: false) }
                sink?.trailersEnded()
            } else {
                sink?.body(step.data, endOfStream: true)
            }
        } else if !step.data.isEmpty {
            sink.body(step.data, endOfStream: false)
        }
        return step.consumed
    }

    /// The response is complete: lets go of the sink and puts the connection into the pool, or closes it.
    private func release(hasMore: Bool) -> UpstreamSink? {
        let sink = self.sink
        self.sink = nil
        self.served += 1
        let isReusable =
            self.facts.isKeepAlive && self.isRequestSent && !hasMore && !self.isWriteFailed
            && self.unsentBytes == 0
        if isReusable {
            self.state = .idle
            self.pool.checkIn(self)
            self.restartTimer(self.pool.limits.keepAlive)
        } else {
            self.close()
        }
        return sink
    }

    public override func inputEnded() {
        guard let sink = self.sink else { return self.close() }
        switch self.state {
        case .body where self.decoder.end() == nil:
            let sink = self.release(hasMore: true)
            sink?.body(.empty, endOfStream: true)
        case .tunnel:
            sink.tunnelEnded()
        default:
            self.fail(self.closedError(0))
        }
    }

    public override func failed(_ code: Int32, whileWriting: Bool) {
        if self.isConnecting {
            return self.fail(UpstreamError(.connectFailed(code), retry: .always))
        }
        if whileWriting {
            // The service may have answered before it closed: what it said is still to be read.
            return self.state == .idle || self.isReadingPaused ? self.fail(self.closedError(code)) : ()
        }
        self.fail(self.closedError(code))
    }

    private func closedError(_ code: Int32) -> UpstreamError {
        UpstreamError(
            .closed(code), retry: self.served > 0 && !self.hasResponseBytes ? .ifIdempotent : .never)
    }

    public override func outputProgressed() { self.noteProgress() }

    public override func outputDrained() {
        if !self.isRequestSent { self.outputProgressed() }
        self.sink?.drained()
    }

    public override func timerFired(_ timer: DeadlineTimer) {
        if self.isConnecting {
            return self.fail(UpstreamError(.connectTimedOut, retry: .always))
        }
        switch self.state {
        case .idle: self.close()
        case .awaitingHead, .body, .tunnel:
            // A client that does not read, or does not send, is not the service's silence.
            let waitsForClient = self.isReadingPaused || !(self.isRequestSent || self.isWriteBlocked)
            if waitsForClient { return self.restartTimer(self.pool.limits.idle) }
            self.fail(UpstreamError(.idleTimedOut))
        }
    }

    private func fail(_ error: UpstreamError) {
        let sink = self.sink
        self.sink = nil
        let unsent = self.isConnecting ? self.takeUnsent() : nil
        self.close()
        sink?.failed(error, unsent: unsent)
    }

    public override func closed() {
        self.loop.timers.remove(self.timer)
        self.pool.connectionDidClose(self)
    }

    func beginConnect() { self.restartTimer(self.pool.limits.connect) }

    /// - Parameter timeout: Nanoseconds from now.
    private func restartTimer(_ timeout: UInt64) {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(byNanoseconds: timeout))
    }
}
