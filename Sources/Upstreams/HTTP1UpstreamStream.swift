internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor

/// What an ``UpstreamConnection`` speaks when that is HTTP/1.1: one request after the other.
///
///     connecting ──► idle ──begin──► awaitingHead ──► body ──► idle (in the pool) or closed
///                                          └────────► tunnel ──► closed
final class HTTP1UpstreamStream: UpstreamStream {
    private enum State { case idle, awaitingHead, body, tunnel }

    /// The most that waits for a connection that is still connecting, in bytes.
    private static let connectingLimit = 1 << 16

    private var state = State.idle
    private var request = Request(isHead: false)
    private var requestFraming = BodyFraming.none
    private var parser = ResponseHeadParser(limits: HeadLimits(), upgradeTokens: ["websocket"])
    private var decoder = BodyDecoder()
    private var facts = ResponseFacts()
    private var isRequestSent = false
    private var hasResponseBytes = false
    /// Requests answered here before.
    private(set) var served = 0

    // MARK: The request

    override func begin(_ request: Request) {
        self.request = request
        self.state = .awaitingHead
        self.isRequestSent = false
        self.hasResponseBytes = false
        self.parser.reset()
        self.noteProgress()
    }

    override func expectUpgrade(among tokens: [String]) {
        self.parser = ResponseHeadParser(limits: HeadLimits(), upgradeTokens: tokens)
    }

    override func sendHead(_ head: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions) {
        self.requestFraming = framing
        if options.upgrade, options.receivedHTTP2 { self.connection.pool.addWebSocketKey(to: head) }
        HeadWriter.writeRequest(head, framing: framing, options: options, to: self.connection.beginOutput())
        if framing.isEmpty { self.requestEnded() }
    }

    override func sendBody(_ bytes: ByteView, endOfStream: Bool) {
        self.noteProgress()
        if self.requestFraming == .chunked {
            if !bytes.isEmpty {
                HeadWriter.writeChunkHeader(length: bytes.count, to: self.connection.beginOutput())
                self.connection.send(bytes, tail: "\r\n")
            }
            if endOfStream { HeadWriter.writeLastChunk(trailers: nil, to: self.connection.beginOutput()) }
        } else {
            self.connection.send(bytes)
        }
        if endOfStream { self.requestEnded() }
    }

    override func sendTrailers(_ trailers: HeaderBlock) {
        if self.requestFraming == .chunked {
            HeadWriter.writeLastChunk(trailers: trailers, to: self.connection.beginOutput())
        }
        self.requestEnded()
    }

    override func sendUnsent(_ unsent: ByteBuffer, framing: BodyFraming, isComplete: Bool) {
        self.requestFraming = framing
        self.connection.sendUnsent(unsent)
        if isComplete { self.requestEnded() }
    }

    private func requestEnded() {
        self.isRequestSent = true
        self.noteProgress()
    }

    /// The client has sent something for the service: the exchange is not idle.
    func noteProgress() {
        let connection = self.connection
        if !connection.isOpening, self.isAssigned { connection.restartTimer(connection.pool.limits.idle) }
    }

    /// The connection is closed, because the response is still to come.
    override func abandon() {
        self.sink = nil
        // What came through a tunnel before its end is the service's.
        if self.state == .tunnel { self.connection.flush() }
        self.connection.close()
    }

    override func sendTunnel(_ bytes: ByteView) {
        self.noteProgress()
        self.connection.send(bytes)
    }

    override func endTunnel() { self.connection.shutdownOutput() }

    override var isWriteBlocked: Bool { self.connection.isWriteBlocked }
    override var takesBody: Bool {
        !self.connection.isWriteBlocked
            && !(self.connection.isOpening && self.connection.unsentBytes > Self.connectingLimit)
    }
    override func pauseReading() { self.connection.pauseReading() }
    override func resumeReading() { self.connection.resumeReading() }

    // MARK: Events

    func received(_ bytes: ByteView) -> Int {
        let connection = self.connection
        var rest = bytes
        while !rest.isEmpty, !connection.isReadingPaused, !connection.isClosed {
            switch self.state {
            case .idle:
                connection.close()  // Nothing was asked: what comes belongs to no request.
                return bytes.count
            case .tunnel:
                connection.restartTimer(connection.pool.limits.idle)
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
            self.connection.restartTimer(self.connection.pool.limits.idle)
            if self.facts.isTunnel {
                self.state = .tunnel
                sink.head(self.facts, endOfStream: false)
            } else if self.facts.framing == .none || self.facts.framing == .length(0) {
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
        self.connection.restartTimer(self.connection.pool.limits.idle)
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
        let connection = self.connection
        let isReusable =
            self.facts.isKeepAlive && self.isRequestSent && !hasMore && !connection.isWriteFailed
            && connection.unsentBytes == 0
        if isReusable {
            self.state = .idle
            connection.pool.checkIn(connection)
            connection.restartTimer(connection.pool.limits.keepAlive)
        } else {
            connection.close()
        }
        return sink
    }

    func inputEnded() {
        guard let sink = self.sink else { return self.connection.close() }
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

    func connectionFailed(_ code: Int32, whileWriting: Bool) {
        if self.connection.isOpening {
            return self.fail(UpstreamError(self.connection.openingFailure(code), retry: .always))
        }
        if whileWriting {
            // The service may have answered before it closed: what it said is still to be read.
            let isDeaf = self.state == .idle || self.connection.isReadingPaused
            return isDeaf ? self.fail(self.closedError(code)) : ()
        }
        self.fail(self.closedError(code))
    }

    private func closedError(_ code: Int32) -> UpstreamError {
        UpstreamError(
            .closed(code), retry: self.served > 0 && !self.hasResponseBytes ? .ifIdempotent : .never)
    }

    func outputDrained() {
        if !self.isRequestSent { self.noteProgress() }
        self.sink?.drained()
    }

    func timedOut() {
        let connection = self.connection
        if connection.isOpening {
            return self.fail(UpstreamError(.connectTimedOut, retry: .always))
        }
        switch self.state {
        case .idle: connection.close()
        case .awaitingHead, .body, .tunnel:
            // A client that does not read, or does not send, is not the service's silence. Once the service
            // has begun to answer either may speak, and neither does.
            let isClientDue =
                self.state == .awaitingHead && !self.isRequestSent && !connection.isWriteBlocked
            let waitsForClient = connection.isReadingPaused || isClientDue
            if waitsForClient { return connection.restartTimer(connection.pool.limits.idle) }
            self.fail(UpstreamError(.idleTimedOut))
        }
    }

    private func fail(_ error: UpstreamError) {
        let sink = self.sink
        self.sink = nil
        let unsent = self.connection.isOpening ? self.connection.takeUnsent() : nil
        self.connection.close()
        sink?.failed(error, unsent: unsent)
    }
}
