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

    // SAFETY: the connection owns its relay, and ends it before it goes.
    unowned(unsafe) let connection: ServerConnection
    private let rule: TCPRulePlan?
    private let snapshot: WorkerSnapshot
    private let sink = TCPSink()
    private var pool: ServicePool?
    private var upstream: TCPUpstreamStream?
    private var tried = TriedEndpoints()
    private var record = ExchangeRecord()
    private var series: TCPMetrics.Series?
    private let timer = DeadlineTimer()
    private var details = ""
    private let upstreamAddress = ByteBuffer(capacity: 24)
    private var hasClientEnded = false
    private var hasServiceEnded = false
    /// What was to be written to the service, or the client, is, to its end.
    private var isServiceTold = false
    private var isClientTold = false
    private var isCounted = false
    private var isOver = false

    /// - Parameter rule: nil when none matched.
    init(_ connection: ServerConnection, _ rule: TCPRulePlan?, _ snapshot: WorkerSnapshot) {
        self.connection = connection
        self.rule = rule
        self.snapshot = snapshot
        super.init()
        self.sink.relay = self
        self.timer.owner = self
        let loop = connection.loop
        self.record.startTime = loop.wallTime.nanosecondsSinceEpoch
        self.record.started = loop.now.nanoseconds
        self.record.connectionID = connection.id
        self.record.listener = connection.plan.nameID
        self.record.protocol = .tcp
    }

    // MARK: The way to a service

    /// Chooses the service and begins to connect; may end the connection.
    func begin() {
        guard let rule = self.rule else { return self.end(.noRoute, "route_not_found") }
        self.record.route = rule.routeID
        guard rule.gauge.enter(limit: rule.limit) else {
            return self.end(.upstreamOverflow, "connection_limit")
        }
        self.isCounted = true
        let target = rule.targets[rule.split.choose(self.connection.home.random.next())]
        self.record.service = target.id
        self.pool = self.snapshot.pools[target.service]
        self.header = target.header
        self.touch()
        self.connect()
    }

    private var header: ProxyHeader.Version?

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
        let isFirst = self.upstream == nil && self.series == nil
        self.upstream = stream
        self.record.attempts += 1
        self.upstreamAddress.reset()
        self.upstreamAddress.append(stream.address)
        if self.record.upstreamStarted == 0 {
            self.record.upstreamStarted = self.connection.loop.now.nanoseconds
        }
        guard isFirst else { return }
        self.series = self.connection.home.telemetry.tcp.opened(self.record)
        if let version = self.header { self.sendHeader(version, stream) }
        if self.hasClientEnded { stream.endTunnel() }
        self.connection.resumeReading()
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
        guard let upstream = self.upstream else {
            self.connection.pauseReading()
            return 0
        }
        self.record.requestBytes += UInt64(bytes.count)
        if let series = self.series {
            self.connection.home.telemetry.tcp.received(series, bytes: bytes.count)
        }
        self.touch()
        upstream.sendTunnel(bytes)
        if !upstream.takesBody { self.connection.pauseReading() }
        return bytes.count
    }

    /// What the service sends.
    fileprivate func serviceSent(_ bytes: ByteView) {
        if self.record.upstreamFirstByte == 0 {
            self.record.upstreamFirstByte = self.connection.loop.now.nanoseconds
        }
        self.record.responseBytes += UInt64(bytes.count)
        if let series = self.series { self.connection.home.telemetry.tcp.sent(series, bytes: bytes.count) }
        self.touch()
        self.connection.send(bytes)
        if self.connection.isWriteBlocked { self.upstream?.pauseReading() }
    }

    /// What had to wait for the service has been written.
    fileprivate func serviceDrained() {
        self.touch()
        if self.hasClientEnded { self.isServiceTold = true }
        self.connection.resumeReading()
        self.endIfDone()
    }

    /// What had to wait for the client has been written.
    func outputDrained() {
        self.touch()
        if self.hasServiceEnded { self.isClientTold = true }
        self.upstream?.resumeReading()
        self.endIfDone()
    }

    /// A part of what waits has been written: nobody is silent.
    func outputProgressed() { self.touch() }

    // MARK: Ends

    /// The client sends no more.
    func inputEnded() {
        self.hasClientEnded = true
        self.touch()
        self.upstream?.endTunnel()
    }

    fileprivate func serviceEnded() {
        self.hasServiceEnded = true
        self.touch()
        self.connection.shutdownOutput()
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
        self.report()
        if let rule = self.rule, self.isCounted { rule.gauge.leave() }
        if isReset { self.connection.abort() } else { self.connection.close() }
    }

    private func report() {
        let telemetry = self.connection.home.telemetry
        self.record.ended = self.connection.loop.now.nanoseconds
        if self.series != nil { telemetry.tcp.closed(self.record) }
        guard telemetry.wantsText else { return }
        var text = ExchangeText()
        text.upstreamHost = self.upstreamAddress.view
        text.downstreamRemoteAddress = self.connection.peer.view
        text.downstreamLocalAddress = self.connection.local.view
        text.serverName = self.connection.requestedServerName
        self.details.withByteView {
            text.details = $0
            telemetry.record(self.record, text)
        }
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
        self.end(
            self.connection.isDraining ? [] : .streamIdleTimeout,
            self.connection.isDraining ? "drained" : "idle_timeout")
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
    override func progressed() { self.relay?.outputProgressed() }
    override func writingFailed() { self.relay?.serviceWritingFailed() }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) {
        self.relay?.serviceFailed(error, unsent: unsent)
    }
}
