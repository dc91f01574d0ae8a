internal import Filtering
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry
internal import Upstreams

// The way of a request and its response, from top to bottom:
//
//     HTTP1Connection  ──► begin ──► requestPass (filters) ──► headPassed ──► connect ──► sendRequestHead
//                          requestBodyArrived ──► requestPass ──► bodyPassed ──► the service
//     the service ──► responseArrived ──► responsePass (filters, in reverse) ──► headPassed ──► the client
//                     responseBodyArrived ──► responsePass ──► bodyPassed ──► the client
//     settle: an answer of ours begins, backpressure is passed on, and what is over ends (Exchange+End.swift)

extension Exchange {
    // MARK: Down: from the client to the service

    /// The head of a request is in `request`.
    func begin(_ client: ClientStream, endOfStream: Bool) {
        let connection = client.connection
        self.client = client
        self.hasRequest = true
        self.isRequestReceived = endOfStream
        self.memory.prepare(places: self.snapshot.placeLimit, bytes: self.snapshot.stateLimit)
        self.isTimed = self.home.times.begin()
        self.beginRecord(connection)
        if let refusal = connection.plan.normaliser.normalise(self.request, originalPath: &self.originalPath)
        {
            // As for any other request that is refused: no further one is taken from this client.
            self.facts.isKeepAlive = false
            self.record.flags.insert(.downstreamProtocolError)
            self.pendingReply = LocalResponse(refusal: refusal)
        } else {
            self.addForwardedFields(connection)
            if self.snapshot.mixer.plan.hasSpans { self.beginTrace() }
            self.requestPass.begin(self, endOfStream: endOfStream)
        }
        self.settle()
    }

    func requestBodyArrived(_ bytes: ByteView, endOfStream: Bool) {
        self.record.requestBytes += UInt64(bytes.count)
        if endOfStream { self.requestReceived() }
        if !self.isAnswered(in: .request) { self.requestPass.body(self, bytes, endOfStream: endOfStream) }
        self.settle()
    }

    func requestTrailersArrived() {
        self.requestReceived()
        if !self.isAnswered(in: .request) { self.requestPass.trailers(self) }
        self.settle()
    }

    private func requestReceived() {
        self.isRequestReceived = true
        self.record.requestReceived = self.loop.now.nanoseconds
    }

    /// Finds the rule, once, and with it the rest of the chain.
    func resolveRoute() {
        if self.isRouted { return }
        self.isRouted = true
        let number = self.snapshot.shared.routes.match(self.request, listener: self.listener)
        guard number >= 0 else { return }
        let rule = self.snapshot.shared.rules[Int(number)]
        self.rule = rule
        if self.memory.opened <= self.chain.listenerCount {
            self.chain = self.snapshot.chain(listener: self.listener, rule: rule)
        }
    }

    func headPassed(_ direction: StreamDirection, endOfStream: Bool) {
        if direction == .response { return self.sendResponseHead(endOfStream: endOfStream) }
        self.isSealed.request = true
        self.record.isGRPC = GRPCMessage.isCall(self.request)
        self.resolveRoute()
        guard let rule = self.rule else {
            self.record.flags.insert(.noRoute)
            self.pendingReply = LocalResponse(status: 404, details: "route_not_found")
            return
        }
        switch rule.action {
        case .redirect(let plan): self.pendingReply = self.redirect(plan)
        case .direct(let answer): self.pendingReply = LocalResponse(answer)
        case .forward(let choice):
            let chosen = choice.choose(self.home.random.next())
            let pool = self.snapshot.pools[rule.services[chosen]]
            self.pool = pool
            guard
                rule.rewrite.apply(to: self.request, scratch: self.home.text) == .done,
                rule.requestChanges.apply(to: self.request) == .done
            else {
                self.pendingReply = LocalResponse(status: 500, details: "rewritten_head_too_large")
                return
            }
            self.startTimeout(rule)
            if rule.retry != nil { self.prepareRetry(rule) }
            self.connect()
        }
    }

    /// The limit runs until the response is complete, however many connections are tried.
    private func startTimeout(_ rule: RulePlan) {
        var limit = rule.timeout > 0 ? rule.timeout : self.pool?.requestTimeout ?? 0
        if self.record.isGRPC { limit = self.limitOfCall(limit) }
        if limit > 0 { self.client?.startRequestTimer(limit) }
    }

    /// Asks the pool for room at an endpoint and sends the head.
    func connect() {
        guard let pool = self.pool else { return }
        switch self.acquire(from: pool) {
        case .stream(let stream): self.sendRequestHead(stream)
        case .waiting: break
        case .failed(let error): self.serviceFailed(error, nil)
        }
    }

    private func acquire(from pool: ServicePool) -> ServicePool.Acquired {
        guard let wanted = self.endpointOverride else {
            return pool.acquire(self.sink, excluding: self.tried, random: &self.home.random)
        }
        return pool.acquire(self.sink, wanted, excluding: self.tried, random: &self.home.random)
    }

    /// The pool had to be waited for.
    func streamAvailable(_ stream: UpstreamStream) {
        self.sendRequestHead(stream)
        self.requestPass.proceed(self)
        self.settle()
    }

    /// Takes `stream` for this exchange, without a byte written to it.
    func take(_ stream: UpstreamStream) {
        self.upstream = stream
        self.upstreamAddress = self.request.copy(stream.address)
        self.record.attempts &+= 1
        self.record.upstreamStarted = self.loop.now.nanoseconds
        stream.begin(
            UpstreamStream.Request(
                isHead: self.request.method == "HEAD", isConnect: self.facts.isConnect,
                asksUpgrade: self.facts.isUpgrade,
                upgradeIndex: self.facts.upgradeIndex
            )
        )
        if self.facts.isUpgrade, let client = self.client {
            stream.expectUpgrade(among: client.upgradeTokens)
        }
    }

    private func sendRequestHead(_ stream: UpstreamStream) {
        self.take(stream)
        self.sendContinueIfDue()
        let isFirst = self.retry.map { $0.failures == 0 } ?? true
        let framing = isFirst ? self.framingForService() : self.requestFraming
        self.requestFraming = framing
        self.requestRemaining = if case .length(let length) = framing { length } else { 0 }
        if framing.isEmpty { self.isRequestSent = true }
        stream.sendHead(self.request, framing: framing, options: self.requestOptions)
        if let retry = self.retry {
            retry.attemptBegan(at: stream.slot, limit: self.rule?.retry?.perTryTimeout ?? 0)
            if !isFirst { self.resendBody(retry, stream) }
        }
    }

    private var requestOptions: RequestHeadOptions {
        var options = RequestHeadOptions()
        options.receivedMinorVersion = self.facts.minorVersion
        options.receivedHTTP2 = self.facts.isHTTP2
        options.upgrade = self.facts.isUpgrade
        return options
    }

    /// How the body goes to the service: as it came, unless a filter changes it.
    private func framingForService() -> BodyFraming {
        if let length = self.requestPass.heldLength(self) {
            return length == 0 && self.facts.framing == .none ? .none : .length(UInt64(length))
        }
        if self.changesBody.request, !self.facts.framing.isEmpty || self.requestPass.isHolding {
            return .chunked
        }
        return self.facts.framing
    }

    func bodyPassed(_ direction: StreamDirection, _ bytes: ByteView, endOfStream: Bool) {
        if direction == .response { return self.sendResponseBody(bytes, endOfStream: endOfStream) }
        guard let upstream = self.upstream, !self.isRequestSent else { return }
        if self.requestFraming != .chunked {
            // More than was announced would be read as another request, less would take from the next one.
            let rest = self.requestRemaining
            guard bytes.count <= rest, !endOfStream || bytes.count == rest else {
                return self.fail(LocalResponse(status: 500, details: "request_length_broken_by_filter"))
            }
            self.requestRemaining = rest - UInt64(bytes.count)
        }
        if endOfStream { self.isRequestSent = true }
        if let retry = self.retry { retry.keep(bytes) }
        upstream.sendBody(bytes, endOfStream: endOfStream)
    }

    /// Whether body and trailers have somewhere to go; else they are held.
    func canPassBody(_ direction: StreamDirection) -> Bool {
        direction == .response || self.upstream != nil
    }

    func trailersPassed(_ direction: StreamDirection) {
        if direction == .response { return self.sendResponseTrailers() }
        guard let upstream = self.upstream, !self.isRequestSent else { return }
        self.isRequestSent = true
        if let retry = self.retry { retry.hasSentTrailers = true }
        upstream.sendTrailers(self.requestTrailers)
    }

    // MARK: Up: from the service to the client

    func responseArrived(_ facts: ResponseFacts, endOfStream: Bool) {
        self.responseFacts = facts
        self.record.upstreamFirstByte = self.loop.now.nanoseconds
        if endOfStream { self.serviceEnded() }
        if self.retry != nil, self.retriesResponse(endOfStream: endOfStream) { return self.settle() }
        self.rule?.responseChanges.apply(to: self.response)
        self.responsePass.begin(self, endOfStream: endOfStream)
        self.settle()
    }

    /// An informational response other than 101, for clients that understand it.
    func informationalArrived() {
        // We have said 100 ourselves when the body was wanted.
        if self.response.status != 100 { self.client?.sendInformational(self.response) }
        self.response.reset()
        self.settle()  // A client that does not read stops the service here too.
    }

    func responseBodyArrived(_ bytes: ByteView, endOfStream: Bool) {
        if endOfStream { self.serviceEnded() }
        self.responsePass.body(self, bytes, endOfStream: endOfStream)
        self.settle()
    }

    func responseTrailersArrived() {
        // The body may have ended the exchange.
        if self.client == nil { return }
        self.serviceEnded()
        self.noteGRPCStatus(in: self.responseTrailers)  // A filter may take it out.
        self.responsePass.trailers(self)
        self.settle()
    }

    /// The response is complete and its connection back in the pool, or closed.
    private func serviceEnded() {
        self.upstream = nil
        self.record.upstreamLastByte = self.loop.now.nanoseconds
    }

    private func sendResponseHead(endOfStream: Bool) {
        guard let client = self.client else { return }
        self.isResponseStarted = true
        self.isSealed.response = true
        self.record.status = UInt16(truncatingIfNeeded: self.response.status)
        if endOfStream { self.noteGRPCStatus(in: self.response) }
        self.responseFraming = self.framingForClient(endOfStream: endOfStream)
        if case .length(let length) = self.responseFraming { self.responseRemaining = length }
        self.isTunnel = self.opensTunnel
        client.sendHead(self, framing: self.responseFraming, endOfStream: endOfStream)
        if self.isTunnel {
            client.enterTunnel()
        } else if endOfStream {
            self.isResponseEnded = true
        }
    }

    private var opensTunnel: Bool { !self.isReplying && self.responseFacts.isTunnel }

    private func framingForClient(endOfStream: Bool) -> BodyFraming {
        let status = self.response.status
        if self.facts.isHead || status == 204 || status == 304 || status < 200 || self.opensTunnel {
            return .none
        }
        let minor = self.facts.minorVersion
        if endOfStream { return .length(0) }
        if let length = self.responsePass.heldLength(self) { return .length(UInt64(length)) }
        if self.changesBody.response { return BodyFraming.chunked.forClient(minorVersion: minor) }
        if let reply = self.replyBody { return .length(UInt64(reply.count)) }
        return self.responseFacts.framing == .untilClose && minor > 0
            ? .chunked : self.responseFacts.framing.forClient(minorVersion: minor)
    }

    private func sendResponseBody(_ bytes: ByteView, endOfStream: Bool) {
        guard let client = self.client, !self.isResponseEnded else { return }
        self.record.responseBytes += UInt64(bytes.count)
        if case .length = self.responseFraming {
            guard bytes.count <= self.responseRemaining else {
                return self.abort(.localReset, "response_length_exceeded")
            }
            self.responseRemaining -= UInt64(bytes.count)
            if endOfStream, self.responseRemaining > 0 {
                return self.abort(.localReset, "response_cut_short_by_filter")
            }
        }
        client.sendBody(bytes, endOfStream: endOfStream)
        if endOfStream { self.isResponseEnded = true }
    }

    private func sendResponseTrailers() {
        guard let client = self.client, !self.isResponseEnded else { return }
        self.noteGRPCStatus(in: self.responseTrailers)
        client.sendTrailers(self.responseTrailers)
        self.isResponseEnded = true
    }

    // MARK: Tunnels (after 101, or 2xx to CONNECT)

    func tunnelUp(_ bytes: ByteView) {
        self.record.requestBytes += UInt64(bytes.count)
        self.upstream?.sendTunnel(bytes)
        self.settle()
    }

    func tunnelDown(_ bytes: ByteView) {
        self.record.responseBytes += UInt64(bytes.count)
        self.client?.sendTunnel(bytes)
        self.settle()
    }

    func tunnelEndedByClient() {
        self.isRequestReceived = true
        if self.upstream == nil { self.isResponseEnded = true } else { self.upstream?.endTunnel() }
        self.settle()
    }

    func tunnelEndedByService() {
        self.upstream?.abandon()
        self.upstream = nil
        self.isResponseEnded = true
        self.settle()
    }
}
