internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Telemetry
internal import Upstreams

// A request that a rule wants sent again when an attempt fails. Decision 0080 says how.

extension Exchange {
    /// Where the rule says so, begins to keep what is sent. A request that opens a tunnel is sent once.
    func prepareRetry(_ rule: RulePlan) {
        guard rule.retry != nil, !self.facts.isUpgrade, !self.facts.isConnect else { return }
        let state = self.retryState ?? RetryState(self)
        self.retryState = state
        state.begin()
        self.retry = state
    }

    /// Whether the response whose head has come is to be dropped and the request sent again.
    func retriesResponse(endOfStream: Bool) -> Bool {
        guard let retry = self.retry, let plan = self.rule?.retry else { return false }
        retry.stopTimer()
        guard self.isRetriable(plan, endOfStream: endOfStream), self.mayRetry(retry, plan) else {
            retry.end()
            return false
        }
        self.giveUpAttempt(retry)
        self.response.reset()
        retry.waitForNext()
        return true
    }

    private func isRetriable(_ plan: RetryPlan, endOfStream: Bool) -> Bool {
        if plan.repeats(status: self.response.status) { return true }
        guard endOfStream, self.record.isGRPC,
            let value = self.response.first(named: ByteView("grpc-status"))
        else { return false }
        return plan.repeats(GRPCStatus(parsing: value))
    }

    /// Whether the request that has failed without a response is to be sent again.
    func retriesFailure(_ error: UpstreamError) -> Bool {
        guard let retry = self.retry, let plan = self.rule?.retry, plan.repeats(error) else { return false }
        guard self.mayRetry(retry, plan) else { return false }
        retry.stopTimer()
        retry.waitForNext()
        return true
    }

    /// Whether there is an attempt left; if not, the record says so.
    private func mayRetry(_ retry: RetryState, _ plan: RetryPlan) -> Bool {
        guard retry.isPossible else { return false }
        if retry.failures + 1 < plan.attempts { return true }
        if plan.attempts > 1 { self.record.flags.insert(.upstreamRetryLimitExceeded) }
        retry.end()
        return false
    }

    /// The next attempt goes elsewhere, where there is an elsewhere.
    private func giveUpAttempt(_ retry: RetryState) {
        self.tried = TriedEndpoints()
        if let slot = retry.slot { self.tried.insert(slot) }
        // There is none when the response was over with its head.
        self.upstream?.abandon()
        self.upstream = nil
    }

    /// The time of `perTryTimeout` is over.
    func attemptTimedOut() {
        guard let retry = self.retry, let plan = self.rule?.retry, !self.isReplying, !self.isResponseStarted,
            !self.responsePass.hasBegun
        else { return }
        self.giveUpAttempt(retry)
        self.pool?.cancel(self.sink)
        if plan.repeatsSlowAttempt, self.mayRetry(retry, plan) {
            retry.waitForNext()
        } else {
            self.record.flags.insert(.upstreamRequestTimeout)
            self.fail(LocalResponse(status: 504, details: "per_try_timeout"))
        }
        self.settle()
    }

    /// The pause before another attempt is over.
    func sendAgain() {
        guard self.client != nil, self.upstream == nil, !self.isReplying, !self.isAborted else { return }
        if let pool = self.pool, pool.hasTriedAll(self.tried) { self.tried = TriedEndpoints() }
        self.connect()
        if self.upstream != nil { self.requestPass.proceed(self) }
        self.settle()
    }

    /// What was sent in earlier attempts, behind the head of this one.
    func resendBody(_ retry: RetryState, _ stream: UpstreamStream) {
        if let body = retry.body, body.count > 0 {
            let endsHere = self.isRequestSent && !retry.hasSentTrailers
            if case .length = self.requestFraming { self.requestRemaining -= UInt64(body.count) }
            stream.sendBody(body.view, endOfStream: endsHere)
        } else if self.isRequestSent, !retry.hasSentTrailers, !self.requestFraming.isEmpty {
            stream.sendBody(.empty, endOfStream: true)
        }
        if retry.hasSentTrailers { stream.sendTrailers(self.requestTrailers) }
    }
}
