internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

// Answers of our own, failures, backpressure, and the end.

extension Exchange {
    /// The last call of everything that reaches an exchange from outside: begins an answer of ours that is
    /// due, passes backpressure on, and ends what is over. The exchange may belong to another request
    /// afterwards.
    func settle() {
        while let reply = self.pendingReply, !self.isAborted {
            self.pendingReply = nil
            self.begin(reply)
        }
        if self.isAborted || self.isResponseEnded { return self.end() }
        self.passBackpressure()
    }

    /// Whether more of the request's body can be taken.
    var wantsRequestBody: Bool {
        if self.isReplying || self.isResponseEnded { return false }
        if self.requestPass.isPaused { return false }
        if self.requestPass.isBuffering { return true }
        return self.upstream?.takesBody ?? false
    }

    private func passBackpressure() {
        guard let client = self.client else { return }
        if self.isTunnel {
            client.setTunnelReading(!(self.upstream?.isWriteBlocked ?? false))
        } else if !self.isRequestReceived {
            client.requestFlowChanged()
        }
        let isBlocked = client.isWriteBlocked
        if isBlocked { client.expectReading() }
        guard let upstream = self.upstream else { return }
        if isBlocked || self.responsePass.isPaused {
            upstream.pauseReading()
        } else {
            upstream.resumeReading()
        }
    }

    // MARK: Answers of our own

    private func begin(_ reply: LocalResponse) {
        self.dropUpstream()
        self.isReplying = true
        self.details = reply.details
        self.response.reset()
        self.responseTrailers.reset()
        let isGRPC = self.becomesGRPC(reply)
        if isGRPC {
            self.record.isGRPC = true
            self.writeGRPCHead(reply)
        } else {
            self.writeHead(reply)
        }
        self.response.add(.date, self.home.date())
        self.response.add(.server, ByteView("postern"))
        self.replyBody = isGRPC ? [] : reply.body
        self.changesBody.response = false  // Those who see this answer have yet to say so.
        self.responsePass.startOver(self)
        self.responsePass.begin(self, endOfStream: isGRPC || reply.body.isEmpty || self.facts.isHead)
        self.continueReply()
    }

    private func writeHead(_ reply: LocalResponse) {
        self.response.status = reply.status
        var hasType = false
        for (name, value) in reply.headers {
            hasType = hasType || name.lowercased() == "content-type"
            _ = name.withByteView { name in value.withByteView { self.response.add(name, $0) } }
        }
        if !hasType, !reply.body.isEmpty { self.response.add(.contentType, ByteView("text/plain")) }
    }

    /// Sends the body of our answer once its head has passed the filters.
    func continueReply() {
        guard let body = self.replyBody, !self.responsePass.isPaused, self.pendingReply == nil,
            !self.isAborted
        else { return }
        self.replyBody = nil
        if self.isResponseEnded || self.facts.isHead { return }
        body.withByteView { self.responsePass.body(self, $0, endOfStream: true) }
    }

    func sendContinueIfDue() {
        guard self.facts.expectsContinue, !self.isContinueSent, !self.isRequestReceived,
            let client = self.client
        else {
            return
        }
        self.isContinueSent = true
        client.sendContinue()
    }

    func bufferingBegan(_ direction: StreamDirection) {
        if direction == .request { self.sendContinueIfDue() }
    }

    func bufferOverflowed(_ direction: StreamDirection) {
        self.fail(
            direction == .request
                ? LocalResponse(status: 413, details: "request_payload_too_large")
                : LocalResponse(status: 502, details: "response_payload_too_large")
        )
    }

    func filterFailed(_ place: Int, _ direction: StreamDirection) {
        self.fail(LocalResponse(status: 500, details: "filter_failed"))
    }

    /// Answers when that is still possible, else resets the client's connection.
    func fail(_ reply: LocalResponse) {
        if self.isResponseStarted {
            self.abort(.localReset, reply.details)
        } else {
            self.pendingReply = reply
        }
    }

    /// Ends without, or in the middle of, a response.
    func abort(_ flag: ResponseFlags, _ details: String) {
        self.record.flags.insert(flag)
        self.details = details
        self.isAborted = true
    }

    // MARK: Failures

    /// The service did not answer, or not to the end: tries again where that is safe, else answers.
    func serviceFailed(_ error: UpstreamError, _ unsent: ByteBuffer?) {
        let failed = self.upstream
        self.upstream = nil
        if let failed { self.tried.insert(failed.slot) }
        if !self.isReplying, !self.isResponseStarted, !self.responsePass.hasBegun,
            self.tryAgain(error, unsent)
        {
            return
        }
        if let unsent { self.loop.giveBack(unsent) }
        if !self.isReplying, !self.isResponseStarted, !self.responsePass.hasBegun, self.retriesFailure(error)
        {
            return
        }
        let outcome = UpstreamOutcome(error)
        self.record.flags.insert(outcome.flag)
        self.fail(LocalResponse(status: outcome.status, details: outcome.details))
    }

    /// Sends the request again where that is always safe (RFC 9110, 9.2.2): it has not left, or it is
    /// idempotent, has no body, and the connection, used before, was closed before a byte of response.
    private func tryAgain(_ error: UpstreamError, _ unsent: ByteBuffer?) -> Bool {
        guard let pool = self.pool, self.tried.count < TriedEndpoints.limit, self.record.attempts < 16 else {
            return false
        }
        switch error.retry {
        case .never: return false
        case .always where unsent == nil:
            // The service has not looked at the request (GOAWAY, REFUSED_STREAM): it is well.
            guard self.requestFraming.isEmpty else { return false }
            self.tried = TriedEndpoints()
            self.connect()
            return true
        case .always:
            guard self.endpointOverride?.isStrict != true, let unsent,
                let next = pool.acquireAgain(
                    self.sink, excluding: self.tried, random: &self.home.random)
            else { return false }
            self.take(next)
            next.sendUnsent(unsent, framing: self.requestFraming, isComplete: self.isRequestSent)
            return true
        case .ifIdempotent:
            // A filter may have made a body where there was none.
            guard self.request.isIdempotent, self.requestFraming.isEmpty else { return false }
            self.tried = TriedEndpoints()  // The endpoint is well; only the connection was stale.
            self.connect()
            return true
        }
    }

    /// The client is gone, or its connection failed.
    func clientFailed(_ details: String) {
        self.abort(.downstreamConnectionTermination, details)
        self.settle()
    }

    /// The client has broken a rule of its protocol after the head, and its stream has been reset.
    func clientBroke(_ details: String) {
        self.abort(.downstreamProtocolError, details)
        self.settle()
    }

    /// The head cannot be read: no filter sees the request.
    func refused(_ client: ClientStream, _ error: HTTPError) {
        self.client = client
        self.isRequestReceived = true
        self.beginRecord(client.connection)
        self.record.flags.insert(error.flag)
        self.pendingReply = LocalResponse(refusal: error)
        self.settle()
    }

    /// The head is malformed, and its stream has been reset: nothing can be answered.
    func broken(_ client: ClientStream, _ details: String) {
        self.client = client
        self.isRequestReceived = true
        self.beginRecord(client.connection)
        self.abort(.downstreamProtocolError, details)
        self.settle()
    }

    /// The rest of the request cannot be read.
    func requestBroken(_ error: HTTPError) {
        self.dropUpstream()
        self.record.flags.insert(error.flag)
        self.fail(LocalResponse(refusal: error))
        self.settle()
    }

    func timedOut() {
        self.record.flags.insert(.upstreamRequestTimeout)
        // Of an answer of our own it is noted with the head.
        if self.record.isGRPC, self.isResponseStarted { self.record.grpcStatus = .deadlineExceeded }
        var reply = LocalResponse(status: 504, details: "response_timeout")
        reply.grpcStatus = GRPCStatus.deadlineExceeded.rawValue
        self.fail(reply)
        self.settle()
    }

    /// The filter at `place` has paused a message, and not gone on in time.
    func pauseTimedOut(_ place: Int?, isRequest: Bool) {
        if let place {
            let at = self.chain.places[place]
            self.home.telemetry.log.write(
                .error, "filter", "paused a \(isRequest ? "request" : "response") and did not go on in time",
                ["filter": "\(at.label.name)"])
            let phase = isRequest ? FilterPhase.requestHead : .responseHead
            self.home.times.failed(at.series[Int(phase.rawValue)])
        }
        self.fail(LocalResponse(status: 504, details: "filter_timeout"))
        self.settle()
    }

    func dropUpstream() {
        self.upstream?.abandon()
        self.upstream = nil
        self.pool?.cancel(self.sink)
        self.retry?.end()
    }

    // MARK: The end

    private func end() {
        guard let client = self.client else { return }
        self.dropUpstream()
        self.cancelPending()
        self.cancelPauseTimer()
        // Half a head is not to be read: its fields lie nowhere.
        if self.response.status == 0 { self.response.reset() }
        self.record.ended = self.loop.now.nanoseconds
        self.completeFilters()
        self.cancelPending()  // What a last hook has asked for.
        self.report()
        let isAborted = self.isAborted
        let isReceived = self.isRequestReceived
        self.client = nil
        client.exchangeEnded(isAborted: isAborted, isRequestReceived: isReceived)
        self.home.giveBack(self)
    }

    private func cancelPending() {
        while let id = self.pending.last { self.home.cancel(id) }
    }

    private func completeFilters() {
        let chain = self.chain
        for place in 0..<self.memory.opened {
            guard let filter = self.memory.filter(at: place) else { continue }
            if filter.phases.contains(.complete) {
                _ = self.call(filter, place, .complete, endOfStream: true)
            }
            filter.close(self, self.memory.slot(place, stateOffset: chain.places[place].stateOffset))
        }
    }
}

extension HTTPError {
    /// What the record says of a client whose request ended so.
    fileprivate var flag: ResponseFlags {
        self == .headTimedOut || self == .bodyTimedOut ? .streamIdleTimeout : .downstreamProtocolError
    }
}

extension HeaderBlock {
    /// RFC 9110, 9.2.2.
    var isIdempotent: Bool {
        let method = self.method
        return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT"
            || method == "DELETE"
            || method == "TRACE"
    }
}
