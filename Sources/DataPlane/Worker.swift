internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

/// One thread of the data plane: its loop, its connections, and everything it keeps for itself.
///
/// ``install(_:_:)`` and ``post(_:_:)`` reach it through its mailbox; all else is for its own thread.
final class Worker: FilterWorker, @unchecked Sendable {
    // SAFETY: other threads touch only the mailbox of `loop`, which is synchronised.

    let loop: EventLoop
    let telemetry: TelemetryWorker
    let filterMetrics: FilterDefinedMetrics
    /// Which filter is being called, for the watchdog and a crash report.
    let activity = WorkerActivity()
    /// This worker's side of the mixer's rules.
    private let mixer: MixerWorker
    /// Lends an exchange's attributes to expressions.
    let bag = ExchangeBag()
    let connectionBag = ConnectionBag()
    var times: FilterTimes { self.telemetry.filterTimes }
    var random = RandomSource()
    /// Descriptors from this number on are not for connections of clients.
    var descriptorLimit = Int32.max
    /// Where short texts are put together; whoever uses it is done with it before it calls anybody.
    let text = ByteBuffer(capacity: 1024)
    /// Trailers of a request that has its answer already go here, and nowhere else.
    let unwantedTrailers = HeaderBlock(capacity: 16)

    private(set) var snapshot: WorkerSnapshot?
    /// Whether rules want to know of connections before their end.
    private(set) var hasConnectionEvents = false
    /// One worker has it.
    var health: HealthMonitor?
    private var pools: [String: ServicePool] = [:]
    private var acceptors: [String: Acceptor] = [:]
    private(set) var connections: ContiguousArray<ServerConnection> = []
    private var connectionsMade: UInt64 = 0
    /// Every exchange ever made here, by the slot in its ``StreamID``.
    private(set) var exchanges: ContiguousArray<Exchange> = []
    private(set) var spareExchanges: ContiguousArray<Exchange> = []
    /// Of HTTP/2, for every connection of a client.
    let streamStore = HTTP2StreamStore()
    private var spareStreams: ContiguousArray<HTTP2ClientStream> = []
    private var generation: UInt64 = 0
    /// What filters wait for.
    var pending = PendingTable()
    /// TCP connections that have filters, by the raw value of their id.
    private var tcpStreams: [UInt64: TCPStream] = [:]
    private let dateText = ByteBuffer(capacity: 32)
    private var dateSecond: UInt64 = 0
    private var isDraining = false
    private var whenDrained: (@Sendable () -> Void)?

    init(
        index: Int, telemetry: TelemetryWorker, filterMetrics: FilterDefinedMetrics, mixer: MixerWorker
    ) throws {
        self.loop = try EventLoop()
        self.telemetry = telemetry
        self.filterMetrics = filterMetrics
        self.mixer = mixer
        super.init(index: index)
    }

    // MARK: Configuration

    /// Takes a snapshot into force. Requests in progress finish on the one they began with.
    ///
    /// - Parameters:
    ///   - sockets: One listening socket for each address of the snapshot that this worker does not yet
    ///     listen at.
    ///   - endpoints: Of each service that has names, with these resolved.
    func install(
        _ shared: Snapshot, _ sockets: [String: Socket], _ endpoints: [String: EndpointList] = [:]
    ) {
        let plans =
            shared.listeners.flatMap { $0.filters + $0.networkFilters }
            + shared.rules.flatMap { $0.filters + $0.overrides.flatMap(\.plans) }
        let filters = FilterInstances(self, after: self.snapshot?.filters, for: plans)
        let pools = shared.configuration.services.enumerated().map { index, service in
            let endpoints = endpoints[service.name]
            let tls = shared.clientContexts[index]
            if let known = self.pools[service.name] {
                known.update(service, endpoints: endpoints, tls: tls, random: &self.random)
                return known
            }
            let pool = ServicePool(
                service, endpoints: endpoints, tls: tls, loop: self.loop, random: &self.random)
            self.pools[service.name] = pool
            return pool
        }
        self.retiredPools.removeAll(where: \.isEmpty)
        let names = Set(shared.configuration.services.map(\.name))
        for (name, pool) in self.pools where !names.contains(name) {
            pool.retire(random: &self.random)
            self.retiredPools.append(pool)
            self.pools[name] = nil
        }
        let mixer = WorkerMixer(shared.mixer, self.mixer)
        let checks =
            shared.mixer.hasChecks
            ? CheckPlace(
                filter: MixerFilter(mixer, self.bag), series: shared.checkSeries,
                label: FilterLabel("mixer")) : nil
        let snapshot = WorkerSnapshot(shared, pools: pools, filters: filters, mixer: mixer, checks: checks)
        self.snapshot = snapshot
        self.hasConnectionEvents = shared.mixer.hasConnectionEvents
        for connection in self.connections { connection.adopt(snapshot) }
        for exchange in self.spareExchanges { exchange.snapshot = snapshot }  // Lets go of the old one.
        self.listen(shared, sockets)
        self.health?.update(shared.configuration.services)
    }

    /// The names of a service have other addresses than before.
    func update(_ service: String, _ endpoints: EndpointList) {
        self.pools[service]?.update(endpoints, random: &self.random)
    }

    /// The pool of a service of the configuration in force.
    func pool(named name: String) -> ServicePool? { self.pools[name] }

    /// Pools of services that are gone, until their last connection is.
    private var retiredPools: [ServicePool] = []

    private func listen(_ shared: Snapshot, _ sockets: [String: Socket]) {
        if self.isDraining {
            for socket in sockets.values { socket.close() }
            return
        }
        let wanted = Set(shared.listeners.map(\.place))
        for (place, acceptor) in self.acceptors where !wanted.contains(place) {
            acceptor.close()
            self.acceptors[place] = nil
        }
        for (index, plan) in shared.listeners.enumerated() {
            if let known = self.acceptors[plan.place] {
                known.serve(index, plan)
            } else if let socket = sockets[plan.place] {
                self.acceptors[plan.place] = Acceptor(self, socket, index, plan)
            }
        }
    }

    // MARK: Draining

    /// Accepts no more and closes connections as they become idle.
    func drainListeners() {
        self.isDraining = true
        for acceptor in self.acceptors.values { acceptor.close() }
        self.acceptors = [:]
        for connection in self.connections { connection.drain() }
    }

    /// Accepts no more, closes what is idle, and calls `whenDone` when the last connection has gone.
    func drain(_ whenDone: @escaping @Sendable () -> Void) {
        self.whenDrained = whenDone
        self.drainListeners()
        self.finishDrainingIfEmpty()
    }

    private func finishDrainingIfEmpty() {
        guard self.connections.isEmpty, let done = self.whenDrained else { return }
        self.whenDrained = nil
        done()
    }

    // MARK: Connections

    func accepted(_ socket: Socket, _ peer: PeerAddress, _ acceptor: Acceptor) {
        let connection = ServerConnection(
            self, socket, peer, listener: acceptor.listener, plan: acceptor.plan, local: acceptor.local
        )
        connection.index = self.connections.count
        self.connections.append(connection)
        guard acceptor.plan.gauge.enter(limit: acceptor.plan.connectionLimit) else {
            return connection.refuse(.upstreamOverflow, "connection_limit")
        }
        connection.isCounted = true
        do {
            try connection.start()
            connection.started()
        } catch {
            connection.close()
        }
    }

    func nextConnectionID() -> UInt64 {
        self.connectionsMade += 1
        return UInt64(self.index) << 48 | self.connectionsMade
    }

    func connectionDidClose(_ connection: ServerConnection) {
        let last = self.connections.removeLast()
        if last !== connection {
            self.connections[connection.index] = last
            last.index = connection.index
        }
        self.finishDrainingIfEmpty()
    }

    /// How the endpoints of all services stand here.
    var endpointReports: [EndpointReport] { self.pools.values.flatMap(\.reports) }

    // MARK: Exchanges

    /// An exchange for the request whose first byte has come.
    func takeExchange(listener: Int) -> Exchange? {
        guard let snapshot = self.snapshot else { return nil }
        let exchange = self.spareExchanges.popLast() ?? self.makeExchange(snapshot)
        // Whoever wrote there last, what this client did not send is not sent for it.
        if exchange.requestTrailers.count > 0 { exchange.requestTrailers.reset() }
        self.generation += 1
        exchange.id = StreamID(
            rawValue: UInt64(self.index) << 56 | self.generation << 20 & 0xFF_FFFF_FFF0_0000
                | UInt64(exchange.slot)
        )
        exchange.snapshot = snapshot
        exchange.listener = listener
        exchange.chain = snapshot.chains[listener]
        exchange.record.startTime = self.loop.wallTime.nanosecondsSinceEpoch
        exchange.record.started = self.loop.now.nanoseconds
        return exchange
    }

    private func makeExchange(_ snapshot: WorkerSnapshot) -> Exchange {
        let exchange = Exchange(self, snapshot, slot: self.exchanges.count)
        self.exchanges.append(exchange)
        return exchange
    }

    /// In place of a slot in the ids of TCP connections; no worker has so many exchanges.
    private static let tcpSlot = 0xF_FFFF

    /// Gives the connection an id, by which it is found until ``unregister(_:)``.
    func register(_ stream: TCPStream) {
        self.generation += 1
        stream.id = StreamID(
            rawValue: UInt64(self.index) << 56 | self.generation << 20 & 0xFF_FFFF_FFF0_0000
                | UInt64(Self.tcpSlot))
        self.tcpStreams[stream.id.rawValue] = stream
    }

    func unregister(_ stream: TCPStream) { self.tcpStreams[stream.id.rawValue] = nil }

    func giveBack(_ exchange: Exchange) {
        exchange.reset()
        self.spareExchanges.append(exchange)
    }

    // MARK: Streams

    func takeStream(for http2: HTTP2Connection) -> HTTP2ClientStream {
        guard let stream = self.spareStreams.popLast() else { return HTTP2ClientStream(http2) }
        stream.join(http2)
        return stream
    }

    /// Its timers are cancelled.
    func giveBack(_ stream: HTTP2ClientStream) {
        if self.spareStreams.count < 1024 { return self.spareStreams.append(stream) }
        stream.removeTimers()
        self.loop.retire(stream)
    }

    // MARK: For filters

    override var now: MonotonicTime { self.loop.now }
    override var wallTime: WallTime { self.loop.wallTime }

    override func stream(_ id: StreamID) -> FilterStream? {
        let slot = Int(id.rawValue & 0xF_FFFF)
        if slot == Self.tcpSlot { return self.tcpStreams[id.rawValue] }
        guard slot < self.exchanges.count, self.exchanges[slot].id == id else { return nil }
        return self.exchanges[slot]
    }

    override func post(_ id: StreamID, _ work: @escaping @Sendable (FilterStream) -> Void) {
        self.loop.mailbox.send { if let stream = self.stream(id) { work(stream) } }
    }

    override func call(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? { self.begin(callout, for: stream, done) }

    override func setTimer(_ nanoseconds: UInt64, for stream: FilterStream?, _ fire: @escaping () -> Void)
        -> PendingID
    { self.beginTimer(nanoseconds, for: stream, fire) }

    override func watch(_ descriptor: Int32, _ ready: @escaping (DescriptorEvents) -> Void) -> PendingID? {
        self.beginWatch(descriptor, ready)
    }

    override func cancel(_ id: PendingID) { self.end(id) }

    override func add(_ metric: FilterMetric, _ value: UInt64) {
        self.filterMetrics.add(metric.rawValue, value, in: self.telemetry.cells)
    }

    override func set(_ metric: FilterMetric, _ value: UInt64) {
        self.filterMetrics.set(metric.rawValue, value, in: self.telemetry.cells)
    }

    override func observe(_ metric: FilterMetric, _ value: UInt64) {
        self.filterMetrics.observe(metric.rawValue, value, in: self.telemetry.cells)
    }

    // MARK: Texts

    /// The present time as `date` fields have it; made once a second.
    func date() -> ByteView {
        let second = self.loop.wallTime.nanosecondsSinceEpoch / 1_000_000_000
        if second != self.dateSecond || self.dateText.isEmpty {
            self.dateSecond = second
            self.dateText.reset()
            HTTPDate(self.loop.wallTime).write(to: self.dateText)
        }
        return self.dateText.view
    }

    /// Writes a random UUID (RFC 9562, version 4) into `text`.
    func writeRequestID() {
        let high = self.random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = self.random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        self.text.reset()
        self.text.appendHexadecimal(high >> 32, digits: 8)
        self.text.append(0x2D)
        self.text.appendHexadecimal(high >> 16 & 0xFFFF, digits: 4)
        self.text.append(0x2D)
        self.text.appendHexadecimal(high & 0xFFFF, digits: 4)
        self.text.append(0x2D)
        self.text.appendHexadecimal(low >> 48, digits: 4)
        self.text.append(0x2D)
        self.text.appendHexadecimal(low & 0xFFFF_FFFF_FFFF, digits: 12)
    }
}
