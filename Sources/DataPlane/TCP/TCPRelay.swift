internal import Filtering
internal import HTTPCodec
internal import Preamble
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry
internal import Upstreams

/// A client's connection whose bytes pass to a service and back as they are.
///
///     begin ──► connecting ──► open ──► one side has ended ──► both have ──► over
///                 │  ▲           └────────── a side failed, silence, drained ────┘
///                 └──┘ another endpoint
///
/// What one side sends, the other is offered at once; what it refuses waits, and then its source is no longer
/// read. The end of a side's bytes is passed on when they are written.
final class TCPRelay: EventHandler {
    /// How long a connection may be silent once the process drains, in nanoseconds.
    private static let drainPatience: UInt64 = 5_000_000_000
    /// How long rules wait for the bytes that have passed, in nanoseconds.
    private static let reportInterval: UInt64 = 1_000_000_000

    // SAFETY: the connection owns its relay, and ends it before it goes.
    unowned(unsafe) let connection: ServerConnection
    private let rule: TCPRulePlan?
    private let snapshot: WorkerSnapshot
    private let sink = TCPSink()
    private var pool: ServicePool?
    private var upstream: TCPUpstreamStream?
    private var tried = TriedEndpoints()
    private var record = ExchangeRecord()
    /// Bytes that the rules have been told of.
    private var reported: (received: UInt64, sent: UInt64) = (0, 0)
    private let reportTimer = DeadlineTimer()
    private var isOpen = false
    private let timer = DeadlineTimer()
    private var details = ""
    private let upstreamAddress = ByteBuffer(capacity: 24)
    private var hasClientEnded = false
    private var hasServiceEnded = false
    /// What was to be written to the service, or the client, is, to its end.
    private var isServiceTold = false
    private var isClientTold = false
    private var isCounted = false
    private(set) var isOver = false
    private var header: ProxyHeader.Version?
    /// Only where the listener has network filters.
    private var filters: TCPStream?
    /// What filters let pass before there was a connection to the service.
    private var early: ByteBuffer?
    /// What a filter has chosen in place of the rule.
    private var chosen: TCPRulePlan.Target?

    /// - Parameter rule: nil when none matched.
    init(_ connection: ServerConnection, _ rule: TCPRulePlan?, _ snapshot: WorkerSnapshot) {
        self.connection = connection
        self.rule = rule
        self.snapshot = snapshot
        super.init()
        self.sink.relay = self
        self.timer.owner = self
        self.reportTimer.owner = self
        let loop = connection.loop
        self.record.startTime = loop.wallTime.nanosecondsSinceEpoch
        self.record.started = loop.now.nanoseconds
        self.record.connectionID = connection.id
        self.record.protocol = .tcp
    }

    // MARK: The way to a service

    /// Chooses the service and begins to connect; may end the connection.
    func begin() {
        guard let rule = self.rule else { return self.end(.noRoute, "route_not_found") }
        guard rule.gauge.enter(limit: rule.limit) else {
            return self.end(.upstreamOverflow, "connection_limit")
        }
        self.isCounted = true
        self.touch()
        let chain = self.snapshot.networkChains[self.connection.listener]
        guard chain.count > 0 else { return self.connectNow() }
        let filters = TCPStream(self, chain)
        self.filters = filters
        filters.begin()
    }

    /// Asks a service: the rule's, or the one that a filter has chosen.
    func connectNow() {
        guard let rule = self.rule, self.pool == nil, !self.isOver else { return }
        let target =
            self.chosen ?? rule.targets[rule.split.choose(self.connection.home.random.next())]
        self.pool = self.snapshot.pools[target.service]
        self.header = target.header
        self.connect()
    }

    private func connect() {
        guard let pool = self.pool else { return }
        switch pool.acquire(self.sink, excluding: self.tried, random: &self.connection.home.random) {
        case .stream(let stream): self.take(stream)
        case .waiting: break
        case .failed(let error): self.serviceFailed(error, unsent: nil)
        }
    }

    /// A connection to the service is there, or is being made.
    fileprivate func take(_ stream: UpstreamStream) {
        guard let stream = stream as? TCPUpstreamStream else { return }
        let isFirst = !self.isOpen
        self.upstream = stream
        self.record.attempts += 1
        self.upstreamAddress.reset()
        self.upstreamAddress.append(stream.address)
        if self.record.upstreamStarted == 0 {
            self.record.upstreamStarted = self.connection.loop.now.nanoseconds
        }
        guard isFirst else { return }
        self.isOpen = true
        self.report(.open)
        if let version = self.header { self.sendHeader(version, stream) }
        if let early = self.early {
            self.early = nil
            stream.sendTunnel(early.view)
            self.connection.loop.giveBack(early)
        }
        if self.hasClientEnded { stream.endTunnel() }
        self.flowChanged()
    }

    private func sendHeader(_ version: ProxyHeader.Version, _ stream: TCPUpstreamStream) {
        let text = self.connection.home.text
        text.reset()
        self.connection.proxyHeader.write(version, to: text)
        stream.sendTunnel(text.view)
    }

    /// There is no connection, or no longer: tries another endpoint where nothing has been sent.
    fileprivate func serviceFailed(_ error: UpstreamError, unsent: ByteBuffer?) {
        let failed = self.upstream
        self.upstream = nil
        if let failed { self.tried.insert(failed.slot) }
        if error.retry == .always, self.tried.count < TriedEndpoints.limit, let pool = self.pool,
            let next = pool.acquireAgain(
                self.sink, excluding: self.tried, random: &self.connection.home.random)
        {
            self.take(next)
            if let unsent { next.sendUnsent(unsent, framing: .none, isComplete: false) }
            return self.hasClientEnded ? next.endTunnel() : ()
        }
        if let unsent { self.connection.loop.giveBack(unsent) }
        let outcome = UpstreamOutcome(error)
        // A service that broke off must not look to the client like one that has finished.
        let hasBrokenOff = if case .closed = error.code { true } else { false }
        self.end(outcome.flag, outcome.details, isReset: hasBrokenOff)
    }

    // MARK: Bytes

    /// What the client sends.
    func received(_ bytes: ByteView) -> Int {
        guard self.upstream != nil || self.filters != nil else {
            self.connection.pauseReading()
            return 0
        }
        self.countReceived(bytes.count)
        if let filters = self.filters {
            filters.pass(.request, bytes, isEnd: false)
        } else {
            self.passed(.request, bytes, isEnd: false)
        }
        return bytes.count
    }

    /// What the service sends.
    fileprivate func serviceSent(_ bytes: ByteView) {
        self.countSent(bytes.count)
        if let filters = self.filters {
            filters.pass(.response, bytes, isEnd: false)
        } else {
            self.passed(.response, bytes, isEnd: false)
        }
    }

    // MARK: Bulk

    /// The socket that takes the client's bytes without our looking at them.
    var serviceTarget: SocketStream? { self.filters == nil ? self.upstream?.target : nil }
    /// The same for the service's bytes.
    fileprivate var clientTarget: SocketStream? { self.filters == nil ? self.connection : nil }

    func clientSpliced(_ bytes: Int) {
        self.countReceived(bytes)
        if self.upstream?.takesBody == false { self.connection.pauseReading() }
    }

    fileprivate func serviceSpliced(_ bytes: Int) {
        self.countSent(bytes)
        if self.connection.isWriteBlocked { self.upstream?.pauseReading() }
    }

    private func countReceived(_ bytes: Int) {
        self.record.requestBytes += UInt64(bytes)
        self.touch()
        self.scheduleReport()
    }

    private func countSent(_ bytes: Int) {
        if self.record.upstreamFirstByte == 0 {
            self.record.upstreamFirstByte = self.connection.loop.now.nanoseconds
        }
        self.record.responseBytes += UInt64(bytes)
        self.touch()
        self.scheduleReport()
    }

    /// Rules hear of bytes while they pass: connections to databases live for days.
    private func scheduleReport() {
        guard !self.reportTimer.isSet, self.connection.home.hasConnectionEvents else { return }
        let loop = self.connection.loop
        loop.timers.set(self.reportTimer, at: loop.now.advanced(byNanoseconds: Self.reportInterval))
    }

    /// What one side has sent, and the filters have let pass, goes to the other.
    func passed(_ direction: StreamDirection, _ bytes: ByteView, isEnd: Bool) {
        switch direction {
        case .request:
            if isEnd { self.hasClientEnded = true }
            guard let upstream = self.upstream else { return self.keepEarly(bytes) }
            if !bytes.isEmpty { upstream.sendTunnel(bytes) }
            if isEnd { upstream.endTunnel() }
            if !upstream.takesBody { self.connection.pauseReading() }
        case .response:
            if !bytes.isEmpty { self.connection.send(bytes) }
            if isEnd {
                self.hasServiceEnded = true
                self.connection.shutdownOutput()
            }
            if self.connection.isWriteBlocked { self.upstream?.pauseReading() }
        }
    }

    /// There is no connection to the service yet.
    private func keepEarly(_ bytes: ByteView) {
        if bytes.isEmpty { return }
        let early = self.early ?? self.connection.loop.takeBuffer()
        self.early = early
        early.append(bytes)
        if self.pool != nil { self.connection.pauseReading() }
    }

    /// Reads from the sides whose bytes can go on.
    private func flowChanged() {
        let takesMore = self.upstream.map(\.takesBody) ?? (self.pool == nil && self.filters != nil)
        if takesMore, self.filters?.isPaused(.request) != true {
            self.connection.resumeReading()
        } else {
            self.connection.pauseReading()
        }
        if self.connection.isWriteBlocked || self.filters?.isPaused(.response) == true {
            self.upstream?.pauseReading()
        } else {
            self.upstream?.resumeReading()
        }
    }

    // MARK: For filters

    func filterFlowChanged() { self.flowChanged() }
    func filterFailed() { self.end(.localReset, "filter_failed", isReset: true) }
    func filterCloses(_ details: String) { self.end(.localReset, details) }

    /// Bytes of a filter's own.
    func inject(_ direction: StreamDirection, _ bytes: ByteView) -> Bool {
        if self.isOver { return false }
        switch direction {
        case .request:
            guard let upstream = self.upstream, !self.hasClientEnded else { return false }
            upstream.sendTunnel(bytes)
        case .response:
            if self.hasServiceEnded { return false }
            self.connection.send(bytes)
        }
        return true
    }

    func choose(_ name: String) -> Bool {
        guard self.pool == nil, !self.isOver, let target = self.snapshot.shared.tcpTargets[name] else {
            return false
        }
        self.chosen = target
        return true
    }

    /// What had to wait for the service has been written.
    fileprivate func serviceDrained() {
        self.touch()
        if self.hasClientEnded { self.isServiceTold = true }
        self.flowChanged()
        self.endIfDone()
    }

    /// What had to wait for the client has been written.
    func outputDrained() {
        self.touch()
        if self.hasServiceEnded { self.isClientTold = true }
        self.flowChanged()
        self.endIfDone()
    }

    /// A part of what waits has been written: nobody is silent.
    func outputProgressed() { self.touch() }

    // MARK: Ends

    /// The client sends no more.
    func inputEnded() {
        self.touch()
        if let filters = self.filters { return filters.pass(.request, .empty, isEnd: true) }
        self.passed(.request, .empty, isEnd: true)
    }

    fileprivate func serviceEnded() {
        self.touch()
        if let filters = self.filters { return filters.pass(.response, .empty, isEnd: true) }
        self.passed(.response, .empty, isEnd: true)
    }

    /// The service takes nothing more, whatever the client sends; what it has said still goes to the client.
    fileprivate func serviceWritingFailed() {
        self.hasClientEnded = true
        self.isServiceTold = true
        self.endIfDone()
    }

    private func endIfDone() {
        guard self.hasClientEnded, self.hasServiceEnded, self.isServiceTold, self.isClientTold else { return }
        self.end([], "")
    }

    /// The client's connection is broken: the service must not take what came for the whole.
    func connectionFailed() { self.end(.downstreamConnectionTermination, "downstream_reset", isReset: true) }

    /// Reading is paused, and both directions have ended or the client has broken off. In the first case what
    /// it said before is still to be read.
    func connectionLost() {
        if !self.hasServiceEnded { self.connectionFailed() }
    }

    /// The client's connection is gone.
    func connectionClosed() { self.end(.localReset, "downstream_closed", isReset: true) }

    /// - Parameter isReset: Whether sides that have not heard all see a reset.
    private func end(_ flag: ResponseFlags, _ details: String, isReset: Bool = false) {
        if self.isOver { return }
        self.isOver = true
        self.record.flags.insert(flag)
        self.details = details
        self.pool?.cancel(self.sink)
        self.sink.relay = nil
        if isReset { self.upstream?.reset() } else { self.upstream?.abandon() }
        self.upstream = nil
        self.connection.loop.timers.remove(self.timer)
        self.connection.loop.timers.remove(self.reportTimer)
        self.record.ended = self.connection.loop.now.nanoseconds
        self.filters?.end()
        self.report(.close)
        if let rule = self.rule, self.isCounted { rule.gauge.leave() }
        // A filter may have had the last word.
        if isReset { self.connection.abort() } else { self.connection.closeWritingLast() }
    }

    /// Tells the rules what has happened.
    private func report(_ event: ConnectionFacts.Event) {
        var facts = ConnectionFacts(event, self.connection, self.record)
        facts.details = self.details
        facts.service = self.pool?.name ?? ""
        facts.route = self.rule?.routeName ?? ""
        facts.upstreamAddress = self.upstreamAddress.view
        facts.received = self.record.requestBytes - self.reported.received
        facts.sent = self.record.responseBytes - self.reported.sent
        self.reported = (self.record.requestBytes, self.record.responseBytes)
        self.connection.home.report(facts)
    }

    // MARK: Time

    /// Something has passed.
    private func touch() {
        guard let rule = self.rule, !self.isOver else { return }
        let patience =
            self.connection.isDraining ? min(rule.idleTimeout, Self.drainPatience) : rule.idleTimeout
        let loop = self.connection.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: patience))
    }

    /// The process is to end: who is silent for a while is closed.
    func drain() { self.touch() }

    override func timerFired(_ timer: DeadlineTimer) {
        if timer === self.reportTimer { return self.report(.continue) }
        self.end(
            self.connection.isDraining ? [] : .streamIdleTimeout,
            self.connection.isDraining ? "drained" : "idle_timeout")
    }
}

extension TCPRelay {
    /// A fact of the connection, for its filters; texts live as long as it does.
    func value(of attribute: KnownAttribute, _ stream: TCPStream) -> AttributeValue {
        let record = self.record
        switch attribute {
        case .requestProtocol: return .bytes(ByteView(record.protocol.name))
        case .requestSize: return .integer(Int64(clamping: record.requestBytes))
        case .requestTime: return .integer(Int64(clamping: record.startTime))
        case .responseCodeDetails: return .bytes(stream.lend(self.details))
        case .responseFlags: return .bytes(stream.lend(record.flags.shortNames))
        case .responseSize: return .integer(Int64(clamping: record.responseBytes))
        case .responseDuration:
            let end = record.ended == 0 ? self.connection.loop.now.nanoseconds : record.ended
            return .integer(Int64(clamping: end - min(end, record.started)))
        case .routeName: return self.rule.map { .bytes(stream.lend($0.routeName)) } ?? .none
        case .destinationServiceName: return self.pool.map { .bytes(stream.lend($0.name)) } ?? .none
        case .upstreamAddress:
            return self.upstreamAddress.isEmpty ? .none : .bytes(self.upstreamAddress.view)
        default: return self.connection.value(of: attribute) { stream.lend($0) }
        }
    }
}

/// Passes what a service says on to its relay.
private final class TCPSink: UpstreamSink {
    // SAFETY: the relay owns the sink, and lets go of it when it is over.
    unowned(unsafe) var relay: TCPRelay?

    init() {
        super.init(
            response: HeaderBlock(capacity: 16), trailers: HeaderBlock(capacity: 16), carriesBytes: true)
    }

    override func available(_ stream: UpstreamStream) { self.relay?.take(stream) }
    override func tunnel(_ bytes: ByteView) { self.relay?.serviceSent(bytes) }
    override func tunnelEnded() { self.relay?.serviceEnded() }
    override func drained() { self.relay?.serviceDrained() }
    override var spliceTarget: SocketStream? { self.relay?.clientTarget }
    override func spliced(_ bytes: Int) { self.relay?.serviceSpliced(bytes) }
    override func progressed() { self.relay?.outputProgressed() }
    override func writingFailed() { self.relay?.serviceWritingFailed() }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) {
        self.relay?.serviceFailed(error, unsent: unsent)
    }
}
