internal import Filtering
public import GatewayConfig
public import Primitives
public import Reactor

/// A service in one worker: its endpoints and the connections to them.
///
/// Lives outside snapshots, under the service's name: a reload that leaves an endpoint in place leaves its
/// connections.
public final class ServicePool: EventHandler {
    /// Times in nanoseconds, so that the request path does no arithmetic on durations.
    struct Limits {
        var connections: Int
        /// How long an unused connection is kept.
        var keepAlive: UInt64
        var connect: UInt64
        /// The longest pause in an exchange.
        var idle: UInt64
    }

    /// What ``acquire(_:excluding:random:)`` gave.
    public enum Acquired {
        /// The request can be sent at once; a new connection keeps it until it has connected.
        case stream(UpstreamStream)
        /// Every connection is in use: `UpstreamSink.available(_:)` or `failed(_:unsent:)` follows.
        case waiting
        case failed(UpstreamError)
    }

    /// Requests that may wait for a connection.
    static let waitingLimit = 1024

    public let name: String
    /// ``name``, to be lent.
    public let label: LastingText
    public let loop: EventLoop
    private(set) var limits: Limits
    /// From a request's head to its response's end when its rule does not say, in nanoseconds; 0: no limit.
    public private(set) var requestTimeout: UInt64
    let balancer: EndpointSet
    /// What the balancer was given last.
    var list = EndpointList()
    private var tls: TLSUse?
    /// By the balancer's slots.
    var endpoints: [Endpoint] = []
    /// All that are open.
    private(set) var connections: ContiguousArray<UpstreamConnection> = []
    var waiting: ContiguousArray<WaitingRequest> = []
    /// Those of them that wait for any connection.
    var waitingForAny = 0
    /// Requests that wait.
    var waitingCount: Int { self.waiting.count }
    /// How HTTP/2 is spoken to the service.
    private(set) var http2: HTTP2ServicePlan
    /// Of HTTP/2, to be used again.
    let streams: HTTP2UpstreamStreams
    private var speaks: ServiceProtocol
    /// Where fields go that nobody reads.
    let unwanted = HeaderBlock(capacity: 16)
    var timer: DeadlineTimer?
    var random = RandomSource()

    /// - Parameters:
    ///   - service: All its endpoints can be parsed: the configuration's check has seen to it.
    ///   - endpoints: Its endpoints with names resolved; those that are addresses when nil.
    ///   - tls: nil: plain text.
    public init(
        _ service: ServiceConfiguration, endpoints: EndpointList? = nil, tls: TLSClientContext? = nil,
        loop: EventLoop,
        random: inout RandomSource
    ) {
        self.name = service.name
        self.label = LastingText(service.name)
        self.loop = loop
        self.limits = Self.limits(service)
        self.http2 = HTTP2ServicePlan(service.http2)
        self.streams = HTTP2UpstreamStreams(loop)
        self.speaks = service.protocol
        self.requestTimeout = service.timeouts.request?.nanoseconds ?? 0
        self.balancer = EndpointSet(policy: service.loadBalancing, members: [], random: &random)
        super.init()
        self.update(service, endpoints: endpoints, tls: tls, random: &random)
    }

    /// Takes over a configuration; what it leaves in place keeps its connections. Those that are made from
    /// now on use `tls`.
    public func update(
        _ service: ServiceConfiguration, endpoints: EndpointList? = nil, tls: TLSClientContext? = nil,
        random: inout RandomSource
    ) {
        self.changeTLS(TLSUse(service, tls))
        self.limits = Self.limits(service)
        self.http2 = HTTP2ServicePlan(service.http2)
        self.requestTimeout = service.timeouts.request?.nanoseconds ?? 0
        if service.protocol != self.speaks {
            self.speaks = service.protocol
            self.retireConnections()
        }
        self.update(endpoints ?? EndpointList(service), policy: service.loadBalancing, random: &random)
    }

    /// Takes over other endpoints: requests at those that have left go on, and their connections close then.
    public func update(
        _ list: EndpointList, policy: LoadBalancing? = nil, random: inout RandomSource
    ) {
        self.list = list
        let members = list.entries.map { EndpointSet.Member(key: $0.key, weight: $0.weight) }
        self.balancer.update(members, policy: policy, random: &random)
        self.matchEndpoints()
        if !self.waiting.isEmpty { self.loop.proceedSoon(self) }  // There may be more room now.
    }

    /// A connection in plain text is none with TLS, nor the other way round: what is idle goes.
    private func changeTLS(_ tls: TLSUse?) {
        if tls == self.tls { return }
        if (tls == nil) != (self.tls == nil) { self.retireConnections() }
        self.tls = tls
        for endpoint in self.endpoints { endpoint.tls = nil }
    }

    /// Whether no connection is left.
    public var isEmpty: Bool { self.connections.isEmpty }

    /// Closes what is idle; the service is no longer configured.
    public func retire(random: inout RandomSource) {
        self.update(EndpointList(), random: &random)
        self.failWaiting(before: nil, .noEndpoint)
        // Nobody waits again, and the wheel must not find the timer of a pool that has gone.
        if let timer = self.timer { self.loop.timers.remove(timer) }
    }

    /// Why there is no endpoint, when there is none.
    var absence: UpstreamError.Code {
        let isUnknown = self.list.isUnresolved || self.list.isPending
        return isUnknown && self.balancer.memberCount == 0 ? .nameUnresolved : .noEndpoint
    }

    private static func limits(_ service: ServiceConfiguration) -> Limits {
        Limits(
            connections: service.pool.maxConnections, keepAlive: service.pool.idleTimeout.nanoseconds,
            connect: service.timeouts.connect.nanoseconds, idle: service.timeouts.idle.nanoseconds
        )
    }

    // MARK: Connections

    /// A connection for one request.
    ///
    /// - Parameter tried: Endpoints that this request has been sent to in vain.
    public func acquire(
        _ sink: UpstreamSink, excluding tried: TriedEndpoints, random: inout RandomSource
    ) -> Acquired {
        // Whoever waits comes first: else a busy client could take every connection that becomes free.
        if self.waitingForAny > 0 { return self.enqueue(sink, tried) }
        return self.pick(sink, excluding: tried, random: &random) ?? self.enqueue(sink, tried)
    }

    /// Another connection for a request whose last one failed. It has had its turn, so it does not wait.
    public func acquireAgain(
        _ sink: UpstreamSink, excluding tried: TriedEndpoints, random: inout RandomSource
    ) -> UpstreamStream? {
        guard case .stream(let next) = self.pick(sink, excluding: tried, random: &random) else {
            self.cancel(sink)
            return nil
        }
        if next is HTTP2UpstreamStream {
            // What was written for HTTP/1.1 cannot go where HTTP/2 is spoken by now.
            next.abandon()
            return nil
        }
        return next
    }

    /// - Returns: nil when every connection is in use; `.waiting` when the request waits for a certain one.
    func pick(
        _ sink: UpstreamSink, excluding tried: TriedEndpoints, random: inout RandomSource
    ) -> Acquired? {
        var tried = tried
        if self.balancer.memberCount == 0, self.list.isPending { return nil }
        var failure = UpstreamError(self.absence)
        while let slot = self.balancer.pick(random: &random, excluding: tried) {
            let endpoint = self.endpoints[slot]
            do {
                return try self.take(endpoint, sink, tried) ?? self.shareAny(sink, tried)
            } catch {
                // Refused at once, as on a Unix socket that is not there: nothing was sent.
                failure = UpstreamError(.connectFailed((error as? SocketError)?.code ?? 0))
                tried.insert(slot)
                if tried.count == TriedEndpoints.limit { break }
            }
        }
        return .failed(failure)
    }

    /// As ``acquire(_:excluding:random:)``, at the endpoint that is asked for; another one only when there is
    /// none of that address, or it failed, and the override is not strict.
    public func acquire(
        _ sink: UpstreamSink, _ wanted: EndpointOverride, excluding tried: TriedEndpoints,
        random: inout RandomSource
    ) -> Acquired {
        let slot = self.balancer.slot(of: wanted.address).flatMap { tried.contains($0) ? nil : $0 }
        guard let slot else {
            return wanted.isStrict
                ? .failed(UpstreamError(.noEndpoint))
                : self.acquire(sink, excluding: tried, random: &random)
        }
        do {
            if let acquired = try self.take(self.endpoints[slot], sink, tried) {
                if case .waiting = acquired {
                    self.waiting[self.waiting.count - 1].isStrict = wanted.isStrict
                }
                return acquired
            }
            // Who waits takes whatever connection comes free, so a strict wish cannot wait.
            return wanted.isStrict ? .failed(UpstreamError(.poolFull)) : self.enqueue(sink, tried)
        } catch {
            return .failed(UpstreamError(.connectFailed((error as? SocketError)?.code ?? 0)))
        }
    }

    /// - Returns: nil when every connection is in use.
    func take(_ endpoint: Endpoint, _ sink: UpstreamSink, _ tried: TriedEndpoints) throws -> Acquired? {
        if sink.carriesBytes {
            if self.connections.count >= self.limits.connections, !self.closeOneIdle() { return nil }
            return .stream(try self.connect(to: endpoint, for: sink).stream)
        }
        if self.mayShare, let connection = endpoint.sharedWithRoom,
            let stream = connection.http2?.takeStream()
        {
            self.assign(stream, sink)
            return .stream(stream)
        }
        if let connection = endpoint.takeIdle() {
            self.assign(connection.http1, sink)
            return .stream(connection.http1)
        }
        if self.mayShare, !endpoint.isHTTP1, let connection = self.undecided(at: endpoint) {
            return self.enqueue(sink, tried, for: connection)
        }
        if self.connections.count >= self.limits.connections, !self.closeOneIdle() { return nil }
        let connection = try self.connect(to: endpoint, for: sink)
        return connection.isUndecided
            ? self.enqueue(sink, tried, for: connection) : .stream(connection.http1)
    }

    /// Room at any endpoint, when there is none at the one whose turn it is and no connection more is
    /// allowed.
    private func shareAny(_ sink: UpstreamSink, _ tried: TriedEndpoints) -> Acquired? {
        guard self.mayShare, !sink.carriesBytes else { return nil }
        for endpoint in self.endpoints where !endpoint.isRemoved && !tried.contains(endpoint.slot) {
            guard let stream = endpoint.sharedWithRoom?.http2?.takeStream() else { continue }
            self.assign(stream, sink)
            return .stream(stream)
        }
        return nil
    }

    /// Whether the service may speak HTTP/2: it is known to, or agrees on it.
    private var mayShare: Bool { self.speaks == .http2 || self.speaks == .auto && self.tls != nil }
    /// Whether it does so without being asked.
    var speaksHTTP2: Bool { self.speaks == .http2 }

    /// A connection that is being made, and may have room for one more.
    private func undecided(at endpoint: Endpoint) -> UpstreamConnection? {
        self.connections.first { connection in
            connection.isUndecided && !connection.isStale && connection.endpoint === endpoint
                && self.waiting.count { $0.connection === connection } < self.http2.maxStreams
        }
    }

    private func connect(to endpoint: Endpoint, for sink: UpstreamSink) throws -> UpstreamConnection {
        let socket: Socket
        let others: ArraySlice<SocketAddress>
        do {
            (socket, others) = try Socket.connect(toFirstOf: endpoint.addresses)
        } catch {
            endpoint.connectFailures += 1
            throw error
        }
        let mayShare = self.mayShare && !endpoint.isHTTP1
        let connection = UpstreamConnection(
            pool: self, endpoint: endpoint, socket: socket,
            isUndecided: mayShare && !sink.carriesBytes, carriesBytes: sink.carriesBytes)
        if let tls = self.tls {
            let peer = endpoint.tls ?? tls.peer(at: endpoint)
            endpoint.tls = peer
            connection.startTLS(to: peer, offering: self.offer(sink, isHTTP1: !mayShare))
        }
        connection.index = self.connections.count
        self.connections.append(connection)
        endpoint.connections += 1
        endpoint.connectionsMade += 1
        if !connection.isUndecided { self.assign(connection.stream, sink) }
        do {
            try connection.start()
        } catch {
            connection.stream.abandon()
            throw error
        }
        connection.race(others)
        connection.beginConnect()
        return connection
    }

    /// What is offered by ALPN in place of what the service speaks: bytes may be anything.
    private func offer(_ sink: UpstreamSink, isHTTP1: Bool) -> StaticString? {
        if sink.carriesBytes { return "" }
        return self.mayShare && isHTTP1 ? "http/1.1" : nil
    }

    /// The service is spoken to differently from now on.
    private func retireConnections() {
        for connection in self.connections { connection.isStale = true }
        for endpoint in self.endpoints {
            endpoint.isHTTP1 = false
            endpoint.drain()
        }
    }

    private func assign(_ stream: UpstreamStream, _ sink: UpstreamSink) {
        stream.sink = sink
        stream.isAssigned = true
        self.balancer.requestStarted(stream.slot)
    }

    /// The stream's request is over, well or not.
    private func unassign(_ stream: UpstreamStream) {
        guard stream.isAssigned else { return }
        stream.isAssigned = false
        self.balancer.requestEnded(stream.slot)
    }

    /// A connection whose response is complete.
    func checkIn(_ connection: UpstreamConnection) {
        self.unassign(connection.http1)
        if connection.endpoint.isRemoved || connection.isStale { return connection.close() }
        connection.endpoint.keepIdle(connection)
        self.roomChanged()
    }

    /// A stream of a shared connection is over.
    func streamEnded(_ stream: UpstreamStream) { self.unassign(stream) }

    /// There may be a connection, or room on one, for those who wait.
    func roomChanged() { if self.waitingForAny > 0 { self.loop.proceedSoon(self) } }

    /// Many requests can be sent on it: those that wait for it first.
    func connectionReady(_ connection: UpstreamConnection) {
        if connection.endpoint.isRemoved || connection.isStale {
            connection.http2?.drain()
        } else {
            connection.endpoint.share(connection)
        }
        self.release(connection, nil)
    }

    /// One request at a time can be sent on it, and so it will be with others to that endpoint.
    func connectionIsHTTP1(_ connection: UpstreamConnection) {
        connection.endpoint.isHTTP1 = true
        if connection.endpoint.isRemoved || connection.isStale {
            connection.close()
        } else {
            connection.endpoint.keepIdle(connection)
            connection.restartTimer(self.limits.keepAlive)
        }
        self.release(connection, nil)
    }

    /// It could not be made, and serves nobody.
    func connectionFailed(_ connection: UpstreamConnection, _ error: UpstreamError) {
        self.release(connection, error)
    }

    func connectionDidClose(_ connection: UpstreamConnection) {
        self.unassign(connection.stream)
        connection.endpoint.forget(connection)
        let last = self.connections.removeLast()
        if last !== connection {
            self.connections[connection.index] = last
            last.index = connection.index
        }
        connection.endpoint.connections -= 1
        if connection.isOpening { connection.endpoint.connectFailures += 1 }
        self.roomChanged()
    }

    private func closeOneIdle() -> Bool {
        for endpoint in self.endpoints {
            if let connection = endpoint.takeUnused() {
                connection.close()
                return true
            }
        }
        return false
    }

    func addWebSocketKey(to request: HeaderBlock) {
        WebSocketHandshake.addKey(to: request, random: &self.random)
    }

    // MARK: Events

    public override func proceed() { self.serveWaiting() }
    public override func timerFired(_ timer: DeadlineTimer) { self.waitingTimedOut() }
}
