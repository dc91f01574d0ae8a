internal import Filtering
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

/// One request and its response, from the request's head to the record at the end.
///
/// Belongs to one worker and is used again and again. `RequestStack.swift` is the way through it, to be read
/// from top to bottom; this file holds what it remembers. Everything that reaches it from outside ends with
/// ``settle()``, and only that ends the exchange, so no code on the way has to expect that it is gone.
final class Exchange: FilterStream {
    /// The most body kept for a filter that wants all of it and names no limit, in bytes (Envoy's default).
    static let bufferLimit = 1 << 20

    let home: Worker
    /// Its number among the worker's exchanges, the low part of its ``id``.
    let slot: Int
    let memory = StreamMemory()
    let requestPass = FilterPass(.request)
    let responsePass = FilterPass(.response)
    /// Texts of attributes, until the next hook.
    let lentTexts = LentTexts()
    let sink: ExchangeSink
    private let continuation = ExchangeContinuation()
    /// Runs while a filter has paused a message; made for the first pause.
    private var pauseTimer: DeadlineTimer?

    // SAFETY of `unowned(unsafe)` here and in ClientStream: a counted reference would cost two atomic
    // operations at every assignment. The worker outlives everything that it owns: exchanges, connections
    // (until they are closed, which ends their exchange first) and, by `snapshot`, chains, rules and pools.
    // Upstream connections are owned by their pool, and let go of the exchange before they close.

    /// Where the request came from; set while the exchange is in use.
    unowned(unsafe) var client: ClientStream?
    var snapshot: WorkerSnapshot
    /// The listener's number in the snapshot.
    var listener = 0
    unowned(unsafe) var chain: FilterChain
    var facts = RequestFacts()
    var record = ExchangeRecord()
    var isTimed = false

    /// The rule that matched; nil when none did or ``isRouted`` is false.
    unowned(unsafe) var rule: RulePlan?
    var isRouted = false
    unowned(unsafe) var pool: ServicePool?
    unowned(unsafe) var upstream: UpstreamStream?
    var tried = TriedEndpoints()
    /// What is kept to send the request again, while the rule wants that; the object is used again.
    unowned(unsafe) var retry: RetryState?
    var retryState: RetryState?
    /// What the access log shows, whatever filters and rules change later.
    var receivedPath = ArenaRange(start: 0, length: 0)
    var originalPath: ArenaRange?
    /// In the arena of `request`; empty until an endpoint is picked.
    var upstreamAddress = ArenaRange(start: 0, length: 0)
    /// What decided of the response, for `response.code_details`; nil while the service does.
    var details: String?
    /// Where a filter wants the request to go.
    var endpointOverride: EndpointOverride?
    /// A filter wants the client's connection closed afterwards.
    var closesConnection = false
    /// How far the mixer's checks have come, and what they came to.
    var checkPosition = CheckPosition()
    var hasChecks = false
    /// The route was forgotten after the checks had begun: they are made again before the request leaves.
    private(set) var areChecksStale = false
    var checkCode: UInt32 = 0
    var checkMessage = ""
    /// What adapters have made of the request's attributes.
    var generatedAttributes: GeneratedAttributes?
    /// The request's place in a trace, when ``isTraced``.
    lazy var trace = TraceContext()
    var isTraced = false

    /// The request's head can be read.
    var hasRequest = false
    /// The client has sent the whole request.
    var isRequestReceived = false
    /// The service has been sent the whole request.
    var isRequestSent = false
    var isContinueSent = false
    /// The length of the request's, the response's body will not be what the head said.
    var changesBody: (request: Bool, response: Bool) = (false, false)
    /// An answer of ours that is to begin when the present hook has returned.
    var pendingReply: LocalResponse?
    /// An answer of ours has begun.
    var isReplying = false
    /// Its body, while a filter holds its head.
    var replyBody: [UInt8]?
    /// How the request's body goes to the service, and what is left of the announced length.
    var requestFraming = BodyFraming.none
    var requestRemaining: UInt64 = 0
    var responseFacts = ResponseFacts()
    /// How the response's body goes to the client.
    var responseFraming = BodyFraming.none
    /// What is left of the announced length.
    var responseRemaining: UInt64 = 0
    var isResponseStarted = false
    var isResponseEnded = false
    var isTunnel = false
    /// Nothing more may happen but the end.
    var isAborted = false
    private var isInHook = false
    private var activePlace = -1
    private var activePhase = FilterPhase.requestHead
    private var isContinuationDue: (request: Bool, response: Bool) = (false, false)

    init(_ worker: Worker, _ snapshot: WorkerSnapshot, slot: Int) {
        self.home = worker
        self.slot = slot
        self.snapshot = snapshot
        self.chain = snapshot.chains[0]
        self.sink = ExchangeSink()
        super.init(worker: worker, response: self.sink.response, responseTrailers: self.sink.trailers)
        self.sink.exchange = self
        self.continuation.exchange = self
    }

    var loop: EventLoop { self.home.loop }

    /// Makes it ready for another request.
    func reset() {
        self.request.reset()
        self.response.reset()
        self.requestTrailers.reset()
        self.responseTrailers.reset()
        self.requestPass.reset(self)
        self.responsePass.reset(self)
        self.memory.reset()
        self.lentTexts.reset(self.loop)
        self.client = nil
        self.id = StreamID(rawValue: 0)
        self.record = ExchangeRecord()
        self.rule = nil
        self.isRouted = false
        self.pool = nil
        self.upstream = nil
        self.tried = TriedEndpoints()
        self.retry = nil
        self.originalPath = nil
        self.upstreamAddress = ArenaRange(start: 0, length: 0)
        self.details = nil
        self.endpointOverride = nil
        self.closesConnection = false
        if self.hasChecks { self.forgetChecks() }
        self.isTraced = false
        self.requestFraming = .none
        self.hasRequest = false
        self.isRequestReceived = false
        self.isRequestSent = false
        self.isContinueSent = false
        self.changesBody = (false, false)
        self.pendingReply = nil
        self.isReplying = false
        self.replyBody = nil
        self.isResponseStarted = false
        self.isResponseEnded = false
        self.isTunnel = false
        self.isAborted = false
        self.isContinuationDue = (false, false)
        self.isSealed = (false, false)
        if !self.metadata.isEmpty { self.metadata = StreamMetadata() }
    }

    @inline(never)
    private func forgetChecks() {
        self.checkPosition.reset()
        self.hasChecks = false
        self.areChecksStale = false
        self.checkCode = 0
        self.checkMessage = ""
        self.generatedAttributes = nil
    }

    // MARK: For FilterPass

    /// The place of a step that the request has reached; nil past the last.
    func place(of step: Int, _ direction: StreamDirection) -> Int? {
        guard step < self.memory.opened else { return nil }
        return direction == .request ? step : self.memory.opened - 1 - step
    }

    /// As ``place(of:_:)``; a request also reaches places it has not been at.
    func openPlace(of step: Int, _ direction: StreamDirection) -> Int? {
        if direction == .response || step < self.memory.opened { return self.place(of: step, direction) }
        if step >= self.chain.listenerCount || self.chain.places[step].needsRoute { self.resolveRoute() }
        guard step < self.chain.count else { return nil }
        let chain = self.chain
        let filter = chain.places[step].filter
        let stateOffset = chain.places[step].stateOffset
        self.memory.open(filter, stateOffset: stateOffset)
        filter?.open(self, self.memory.slot(step, stateOffset: stateOffset))
        return step
    }

    func hasHook(_ phase: FilterPhase) -> Bool { self.chain.phases.contains(phase) }

    /// Nothing more of this direction's message may pass.
    func isAnswered(in direction: StreamDirection) -> Bool {
        self.pendingReply != nil || self.isAborted || (direction == .request && self.isReplying)
    }

    /// Calls one hook, counted and, for one exchange in many, timed.
    func call(_ filter: Filter, _ place: Int, _ phase: FilterPhase, endOfStream: Bool) -> FilterAction {
        // Members of a place are read one by one: a copy of it would count a reference to its filter.
        let chain = self.chain
        let slot = self.memory.slot(place, stateOffset: chain.places[place].stateOffset)
        self.lentTexts.reset(self.loop)
        self.isInHook = true
        self.activePlace = place
        self.activePhase = phase
        self.home.activity.enter(chain.places[place].label, phase, self)
        let start = self.home.times.start(self.isTimed)
        let action: FilterAction
        switch phase {
        case .requestHead: action = filter.requestHead(self, slot, endOfStream: endOfStream)
        case .requestBody: action = filter.requestBody(self, slot, endOfStream: endOfStream)
        case .requestTrailers: action = filter.requestTrailers(self, slot)
        case .responseHead: action = filter.responseHead(self, slot, endOfStream: endOfStream)
        case .responseBody: action = filter.responseBody(self, slot, endOfStream: endOfStream)
        case .responseTrailers: action = filter.responseTrailers(self, slot)
        case .complete:
            filter.complete(self, slot)
            action = .continue
        }
        let series = chain.places[place].series[Int(phase.rawValue)]
        self.home.times.stop(series, start)
        self.home.activity.leave()
        if action == .failed { self.home.times.failed(series) }
        self.isInHook = false
        self.activePlace = -1
        return action
    }

    func scheduleContinuation(_ direction: StreamDirection) {
        if direction == .request {
            self.isContinuationDue.request = true
        } else {
            self.isContinuationDue.response = true
        }
        self.loop.proceedSoon(self.continuation)
    }

    /// A filter has stopped a message: it has the time that a body has, and then the request fails.
    func pauseBegan() {
        guard let limit = self.client?.connection.plan.bodyTimeout else { return }
        let timer = self.pauseTimer ?? DeadlineTimer(owner: self.continuation)
        self.pauseTimer = timer
        if !timer.isSet { self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: limit)) }
    }

    func pauseTimerFired() {
        guard let limit = self.client?.connection.plan.bodyTimeout else { return }
        let request = self.requestPass.pauseEnds(self, after: limit)
        let response = self.responsePass.pauseEnds(self, after: limit)
        let next = min(request, response)
        if next == .max { return }
        let due = MonotonicTime(nanoseconds: next)
        if let timer = self.pauseTimer, due > self.loop.now { return self.loop.timers.set(timer, at: due) }
        let isRequest = request <= response
        self.pauseTimedOut(
            (isRequest ? self.requestPass : self.responsePass).pausedPlace(self), isRequest: isRequest)
    }

    func cancelPauseTimer() {
        if let timer = self.pauseTimer { self.loop.timers.cancel(timer) }
    }

    func proceed() {
        let due = self.isContinuationDue
        self.isContinuationDue = (false, false)
        guard due.request || due.response else { return }
        if due.request { self.requestPass.proceed(self) }
        if due.response {
            self.responsePass.proceed(self)
            self.continueReply()
        }
        self.settle()
    }

    // MARK: What filters ask for

    override func replaceBody(_ bytes: ByteView) {
        guard self.isInHook else { return }
        // Only the message whose body is shown can be replaced; `body` of the other is empty meanwhile.
        (self.activePhase == .requestBody ? self.requestPass : self.responsePass).replace(self, bytes)
    }

    override func willChangeBody(_ direction: StreamDirection) {
        if direction == .request { self.changesBody.request = true } else { self.changesBody.response = true }
    }

    override func limitBuffer(_ direction: StreamDirection, to bytes: Int) {
        (direction == .request ? self.requestPass : self.responsePass).bufferLimit = max(bytes, 0)
    }

    func changesBody(_ direction: StreamDirection) -> Bool {
        direction == .request ? self.changesBody.request : self.changesBody.response
    }

    override func respond(_ response: LocalResponse) -> Bool {
        guard
            !self.isResponseStarted, self.pendingReply == nil, !self.isAborted, !self.isResponseEnded,
            (200...599).contains(response.status), self.client != nil
        else { return false }
        self.pendingReply = response
        if !self.isInHook {
            // From a timer, a callout or another thread: no hook is there to return first.
            self.scheduleContinuation(.request)
        }
        return true
    }

    override func resume(_ direction: StreamDirection, by slot: Int) {
        let pass = direction == .request ? self.requestPass : self.responsePass
        let isOwnHook =
            self.isInHook && self.activePlace == slot && self.activePhase.direction == direction
        pass.resume(self, by: slot, inHook: isOwnHook)
    }

    override func resumeBuffering(_ direction: StreamDirection, by slot: Int) {
        (direction == .request ? self.requestPass : self.responsePass).resumeBuffering(self, by: slot)
    }

    override func heldBody(_ direction: StreamDirection, by slot: Int) -> ByteView {
        let pass = direction == .request ? self.requestPass : self.responsePass
        return pass.heldBody(self, by: slot)?.view ?? .empty
    }

    override func replaceHeldBody(_ direction: StreamDirection, by slot: Int, _ bytes: ByteView) {
        let pass = direction == .request ? self.requestPass : self.responsePass
        guard let held = pass.heldBody(self, by: slot) else { return }
        held.reset()
        held.append(bytes)
    }

    override func overrideEndpoint(_ address: String, isStrict: Bool) {
        if self.upstream == nil {
            self.endpointOverride = EndpointOverride(address: address, isStrict: isStrict)
        }
    }

    override func closeConnectionAfterwards() { self.closesConnection = true }

    override var ruleMetadata: StreamMetadata {
        self.resolveRoute()
        return self.rule?.metadata ?? StreamMetadata()
    }

    override var routeMetadata: StreamMetadata {
        self.resolveRoute()
        return self.rule?.routeMetadata ?? StreamMetadata()
    }

    override func countError(by slot: Int) {
        let phase = Int(self.activePhase.rawValue)
        self.home.times.failed(self.chain.places[slot].series[phase])
    }

    override func clearRoute() {
        if self.upstream != nil || self.requestPass.isHeadPassed { return }
        self.isRouted = false
        self.rule = nil
        if self.hasChecks { self.areChecksStale = true }
        // Another rule, or none, decides about the filters behind the listener's.
        if self.memory.opened <= self.chain.listenerCount { self.chain = self.snapshot.chains[self.listener] }
    }

    /// The checks begin, or begin again because the request may go elsewhere now.
    func beginChecks() {
        if self.hasChecks {
            self.checkPosition.startAgain()
            self.generatedAttributes = nil
        }
        self.hasChecks = true
        self.areChecksStale = false
    }

    override func attribute(_ attribute: Attribute) -> AttributeValue { self.value(of: attribute) }
}

/// Brings an exchange back after a filter has resumed it.
private final class ExchangeContinuation: EventHandler {
    unowned(unsafe) var exchange: Exchange?

    override func proceed() { self.exchange?.proceed() }
    override func timerFired(_ timer: DeadlineTimer) { self.exchange?.pauseTimerFired() }
}

/// Passes what a service says on to its exchange.
final class ExchangeSink: UpstreamSink {
    unowned(unsafe) var exchange: Exchange?

    init() { super.init(response: HeaderBlock(capacity: 1024), trailers: HeaderBlock(capacity: 16)) }

    override func available(_ stream: UpstreamStream) {
        self.exchange?.streamAvailable(stream)
    }
    override func informational() { self.exchange?.informationalArrived() }
    override func head(_ facts: ResponseFacts, endOfStream: Bool) {
        self.exchange?.responseArrived(facts, endOfStream: endOfStream)
    }
    override func body(_ bytes: ByteView, endOfStream: Bool) {
        self.exchange?.responseBodyArrived(bytes, endOfStream: endOfStream)
    }
    override func trailersEnded() { self.exchange?.responseTrailersArrived() }
    override func tunnel(_ bytes: ByteView) { self.exchange?.tunnelDown(bytes) }
    override func tunnelEnded() { self.exchange?.tunnelEndedByService() }
    override func drained() { self.exchange?.settle() }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) {
        self.exchange?.serviceFailed(error, unsent)
        self.exchange?.settle()
    }
}
