internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Upstreams

/// A filter's request to a service, and its answer.
///
///     start ──► acquire ──► (waiting) ──► send ──► head ──► body … ──► done
///                  ▲                        │
///                  └── another endpoint, where that is safe ── failed ──► done
final class PendingCallout: PendingWork {
    private let callout: Callout
    private let pool: ServicePool
    /// The one endpoint that is meant; nil: any.
    private let endpoint: EndpointOverride?
    private let done: (CalloutResult) -> Void
    private let sink = CalloutSink()
    private let body = ByteBuffer(capacity: 1024)
    private let timer = DeadlineTimer()
    private unowned(unsafe) var stream: UpstreamStream?
    private var tried = TriedEndpoints()
    private var attempts = 0
    /// What ended it, until the hook that asked for it has returned.
    private var early: CalloutFailure?

    init(
        _ worker: Worker, _ stream: FilterStream?, _ callout: Callout, _ pool: ServicePool,
        at endpoint: EndpointOverride? = nil,
        _ done: @escaping (CalloutResult) -> Void
    ) {
        self.callout = callout
        self.pool = pool
        self.endpoint = endpoint
        self.done = done
        super.init(worker, stream)
        self.sink.callout = self
        self.timer.owner = self
        let limit = max(callout.timeout, 1)
        worker.loop.timers.set(self.timer, at: worker.loop.now.advanced(byNanoseconds: limit))
    }

    /// Sends the request, or waits for a connection.
    func start() {
        switch self.acquire() {
        case .stream(let stream): self.send(stream)
        case .waiting: break
        case .failed(let error):
            // Said once the present hook has returned.
            self.early = CalloutFailure(error)
            self.home.loop.proceedSoon(self)
        }
    }

    private func acquire() -> ServicePool.Acquired {
        guard let endpoint = self.endpoint else {
            return self.pool.acquire(self.sink, excluding: self.tried, random: &self.home.random)
        }
        return self.pool.acquire(self.sink, endpoint, excluding: self.tried, random: &self.home.random)
    }

    override func proceed() {
        if let failure = self.early { self.end(.failed(failure)) }
    }

    fileprivate func send(_ stream: UpstreamStream) {
        self.stream = stream
        self.attempts += 1
        stream.begin(UpstreamStream.Request(isHead: self.callout.head.method == "HEAD"))
        let body = self.callout.body
        var options = RequestHeadOptions()
        options.via = false
        let framing: BodyFraming = body.isEmpty ? .none : .length(UInt64(body.count))
        stream.sendHead(self.callout.head, framing: framing, options: options)
        if !body.isEmpty { body.withByteView { stream.sendBody($0, endOfStream: true) } }
    }

    fileprivate func received(_ bytes: ByteView, endOfStream: Bool) {
        if endOfStream { self.stream = nil }
        guard self.body.count + bytes.count <= self.callout.answerLimit else {
            return self.end(.failed(.tooLarge))
        }
        self.body.append(bytes)
        if endOfStream { self.answered() }
    }

    fileprivate func answered() {
        self.stream = nil
        self.end(.answer(head: self.sink.response, body: self.body.view, trailers: self.sink.trailers))
    }

    fileprivate func failed(_ error: UpstreamError, _ unsent: ByteBuffer?) {
        if let failed = self.stream { self.tried.insert(failed.slot) }
        self.stream = nil
        if let unsent { self.home.loop.giveBack(unsent) }
        let mayRepeat = self.tried.count < TriedEndpoints.limit && self.attempts < 16
        switch error.retry {
        case .always where mayRepeat: return self.start()
        case .ifIdempotent where mayRepeat && self.callout.head.isIdempotent:
            self.tried = TriedEndpoints()  // The endpoint is well; only the connection was stale.
            return self.start()
        default: break
        }
        self.end(.failed(CalloutFailure(error)))
    }

    override func timerFired(_ timer: DeadlineTimer) { self.end(.failed(.timedOut)) }

    private func end(_ result: CalloutResult) {
        self.cancel()
        self.finish()
        self.done(result)
    }

    override func cancel() {
        self.sink.callout = nil
        self.early = nil
        self.home.loop.timers.remove(self.timer)
        self.pool.cancel(self.sink)
        self.stream?.abandon()
        self.stream = nil
    }
}

/// Passes what a service says on to its callout.
private final class CalloutSink: UpstreamSink {
    // SAFETY: the callout owns the sink, and lets go of it before it goes.
    unowned(unsafe) var callout: PendingCallout?

    init() { super.init(response: HeaderBlock(capacity: 512), trailers: HeaderBlock(capacity: 16)) }

    override func available(_ stream: UpstreamStream) { self.callout?.send(stream) }
    override func informational() { self.response.reset() }
    override func head(_ facts: ResponseFacts, endOfStream: Bool) {
        if endOfStream { self.callout?.answered() }
    }
    override func body(_ bytes: ByteView, endOfStream: Bool) {
        self.callout?.received(bytes, endOfStream: endOfStream)
    }
    override func trailersEnded() { self.callout?.answered() }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) { self.callout?.failed(error, unsent) }
}

extension CalloutFailure {
    init(_ error: UpstreamError) {
        switch error.code {
        case .noEndpoint, .nameUnresolved, .connectFailed, .connectTimedOut, .tlsFailed: self = .unreachable
        case .poolFull: self = .overflow
        case .closed, .reset: self = .reset
        case .badResponse, .upgradeRefused: self = .badAnswer
        case .idleTimedOut: self = .timedOut
        }
    }
}
