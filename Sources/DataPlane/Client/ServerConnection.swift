internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Preamble
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry

/// A client's connection: its socket, who is at its ends, and its listener.
///
/// What it speaks is for its ``HTTP1Connection``, or its ``HTTP2Connection`` once the client has said so, or
/// its ``TCPRelay``; what comes before, for its ``ConnectionPreface``.
final class ServerConnection: SocketStream {
    let home: Worker
    /// The listener as the present snapshot has it, and its index there.
    private(set) var plan: ListenerPlan
    private(set) var listener: Int
    let id: UInt64
    /// Place in the worker's list of connections.
    var index = -1
    /// `address:port` of the client and of our end.
    let peer = ByteBuffer(capacity: 24)
    private(set) var local: ByteBuffer
    private var peerHostLength: Int
    private(set) var peerPort: UInt16
    private(set) var isInputEnded = false
    private(set) var isDraining = false
    /// The snapshot in force has no listener for it: no request may begin.
    private var isListenerGone = false
    private var pendingPlan: (Int, ListenerPlan)?
    /// What the client connected to, when a PROXY header says so.
    private(set) var proxiedDestination: ProxyHeader.Place?
    /// Counts it for its listener.
    private let gauge: ConnectionGauge
    var isCounted = false
    private var http1: HTTP1Connection?
    private var http2: HTTP2Connection?
    private(set) var tcp: TCPRelay?
    private(set) var preface: ConnectionPreface?
    /// What a TLS client has asked for, where it was looked into.
    private(set) var hello: ClientHello?
    /// The name that a TLS client has asked for, where it was not in lower case.
    private(set) var loweredName: ByteBuffer?
    /// It is not known yet what it speaks.
    private var isUndecided: Bool { self.http1 == nil && self.http2 == nil && self.tcp == nil }
    /// Until TLS is there; nil in plain text and afterwards.
    private var handshakeTimer: DeadlineTimer?
    /// What services are told of the client's certificate; made when it is first needed.
    private(set) lazy var certificateElement = CertificateElement(self)

    init(
        _ worker: Worker, _ socket: Socket, _ peer: PeerAddress, listener: Int, plan: ListenerPlan,
        local: ByteBuffer
    ) {
        self.home = worker
        self.plan = plan
        self.listener = listener
        self.id = worker.nextConnectionID()
        self.local = local
        self.gauge = plan.gauge
        self.peerPort = peer.port
        if let ip = peer.ip {
            self.peerHostLength = ProxyHeader.Place(ip, port: peer.port).write(to: self.peer)
        } else {
            self.peerHostLength = 0
            self.peer.append("unix:")
        }
        super.init(loop: worker.loop, socket: socket, isConnecting: false)
        self.preface = ConnectionPreface(self)
        if self.preface == nil { self.begin() }
    }

    /// The client's protocol begins with the next byte.
    private func begin() {
        if let tls = self.plan.tls {
            self.startTLS(tls)
            self.limitHandshake()
        } else {
            self.http1 = HTTP1Connection(self)
        }
    }

    /// Registered: a service that speaks first may do so.
    func started() {
        if self.preface?.isReady == true { self.becomeTCP() }
    }

    /// `https` with TLS, else `http`.
    var scheme: StaticString { self.tls == nil ? "http" : "https" }

    /// The client's address without the port; `unix` for a Unix socket.
    var peerHost: ByteView {
        let view = self.peer.view
        if view[0] == 0x5B { return view[1..<1 + self.peerHostLength] }
        return self.peerHostLength == 0 ? ByteView("unix") : view[0..<self.peerHostLength]
    }

    // MARK: What it speaks

    /// What a PROXY header says of both ends.
    func setEnds(peer source: ProxyHeader.Place, local destination: ProxyHeader.Place) {
        self.peer.reset()
        self.peerHostLength = source.write(to: self.peer)
        self.peerPort = source.port
        self.proxiedDestination = destination
        self.local = ByteBuffer(capacity: 24)
        _ = destination.write(to: self.local)
    }

    func becomeHTTP() {
        self.endPreface()
        self.http1 = HTTP1Connection(self)
    }

    /// TLS begins with what was not taken.
    func becomeSecured() {
        self.endPreface()
        self.begin()
    }

    func becomeTCP() {
        guard let snapshot = self.home.snapshot else { return self.close() }
        self.hello = self.preface?.hello
        self.endPreface()
        let shared = snapshot.shared
        let rule = shared.tcpRoutes.rule(listener: self.listener, self.tcpFacts)
        let tcp = TCPRelay(self, rule.map { shared.tcpRules[$0] }, snapshot)
        self.tcp = tcp
        tcp.begin()
    }

    private func endPreface() {
        guard let preface = self.preface else { return }
        preface.stop()
        self.preface = nil
        self.loop.retire(preface)
    }

    // MARK: Events

    override func received(_ bytes: ByteView) -> Int {
        if let http1 = self.http1 {
            let taken = http1.received(bytes)
            if self.http2 == nil { return taken }
        }
        if let http2 = self.http2 { return http2.received(bytes) }
        return self.tcp?.received(bytes) ?? self.readPreface(bytes)
    }

    /// HTTP/2's preface has come in place of a first request, or the client has chosen it by ALPN.
    func becomeHTTP2() {
        guard let http1 = self.http1 else { return }
        http1.connectionClosed()
        self.loop.retire(http1)
        self.http1 = nil
        self.http2 = HTTP2Connection(self)
        if self.isDraining { self.drain() }
    }

    override var spliceTarget: SocketStream? { self.tcp?.serviceTarget }
    override func spliced(_ bytes: Int) { self.tcp?.clientSpliced(bytes) }

    override func inputEnded() {
        if let preface = self.preface { return self.inputEnded(in: preface) }
        self.isInputEnded = true
        self.http1?.inputEnded()
        self.http2?.inputEnded()
        self.tcp?.inputEnded()
    }

    override func failed(_ code: Int32, whileWriting: Bool) {
        if let failure = self.tls?.failure { self.logFailure(failure) }
        if let tcp = self.tcp { return tcp.connectionFailed() }
        self.connectionLost()
    }

    /// What waits to be read can no longer be answered, and the service need not go on.
    override func connectionLost() {
        if let http1 = self.http1 {
            http1.connectionFailed()
        } else if let http2 = self.http2 {
            http2.connectionFailed()
        } else if let tcp = self.tcp {
            tcp.connectionLost()
        } else {
            self.close()
        }
    }

    override func fillOutput(_ output: ByteBuffer) { self.http2?.fillOutput() }

    override func outputDrained() {
        if let http1 = self.http1 { return http1.outputDrained() }
        self.http2?.outputDrained()
        self.tcp?.outputDrained()
    }

    override func outputProgressed() {
        self.http1?.outputProgressed()
        self.http2?.outputProgressed()
        self.tcp?.outputProgressed()
    }

    override func closed() {
        if let timer = self.handshakeTimer {
            self.loop.timers.remove(timer)
            self.home.telemetry.handshakes.failed(in: self.home.telemetry.cells)
        }
        self.http1?.connectionClosed()
        self.http2?.connectionClosed()
        self.tcp?.connectionClosed()
        self.preface?.stop()
        if self.isCounted { self.gauge.leave() }
        self.home.connectionDidClose(self)
    }

    // MARK: TLS

    /// A client that does not get through the handshake is no use.
    private func limitHandshake() {
        let timer = DeadlineTimer(owner: self)
        self.handshakeTimer = timer
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: self.plan.headerTimeout))
    }

    override func timerFired(_ timer: DeadlineTimer) {
        self.logFailure("the handshake took too long")
        self.close()
    }

    override func secured() {
        if let timer = self.handshakeTimer { self.loop.timers.remove(timer) }
        self.handshakeTimer = nil
        guard let tls = self.tls else { return }
        let telemetry = self.home.telemetry
        telemetry.handshakes.succeeded(isResumed: tls.isResumed, in: telemetry.cells)
        self.loweredName = tls.serverNameBytes.loweredCopy
        let alpn = tls.alpn
        if self.plan.protocol == .tcp {
            self.becomeTCP()
        } else if alpn == "h2" {
            self.http2 = HTTP2Connection(self)
        } else if alpn.isEmpty, self.plan.protocol == .auto, self.isServedByTCP {
            self.preface = ConnectionPreface(self)  // What it is shows inside of TLS.
        } else {
            self.http1 = HTTP1Connection(self)
        }
        if self.isDraining { self.drain() }
    }

    private func logFailure(_ reason: String) {
        self.home.telemetry.log.write(
            .debug, "tls", "a client's connection has failed: \(reason)",
            ["listener": "\(self.plan.name)", "peer": "\(self.peer.view.string)"])
    }

    // MARK: Snapshots

    /// A new snapshot is in force; requests that have begun finish on theirs.
    func adopt(_ snapshot: WorkerSnapshot) {
        // Bytes go on as they began.
        if self.tcp != nil { return }
        guard let index = snapshot.shared.listeners.firstIndex(where: { $0.name == self.plan.name }) else {
            self.isListenerGone = true
            // In the middle of a handshake it has no place in this snapshot, and none to answer from.
            return self.isUndecided ? self.close() : self.drain()
        }
        self.pendingPlan = (index, snapshot.shared.listeners[index])
        if self.http1?.isIdle ?? true { self.takePendingPlan() }
    }

    /// No request is in progress: what comes belongs to the newest snapshot.
    func takePendingPlan() {
        guard let (index, plan) = self.pendingPlan else { return }
        self.pendingPlan = nil
        self.listener = index
        self.plan = plan
        self.http1?.planChanged()
    }

    /// No further request is taken; one in progress is answered first.
    func drain() {
        self.isDraining = true
        self.http1?.drain()
        if self.isListenerGone { self.http2?.stopTaking() } else { self.http2?.drain() }
        self.tcp?.drain()
        if self.preface != nil { self.close() }
    }
}
