internal import Primitives
internal import Reactor
internal import Telemetry

/// A listening socket of one worker.
final class Acceptor: EventHandler {
    /// Connections taken before other handlers get their turn.
    private static let batch = 64
    /// Nanoseconds to wait when the process has no descriptor left.
    private static let patience: UInt64 = 100_000_000

    private unowned let home: Worker
    private let socket: Socket
    private(set) var listener: Int
    private(set) var plan: ListenerPlan
    /// Our end's address, as text; shared by the connections.
    let local = ByteBuffer(capacity: 24)
    private lazy var timer = DeadlineTimer(owner: self)
    private var isClosed = false

    init(_ worker: Worker, _ socket: Socket, _ listener: Int, _ plan: ListenerPlan) {
        self.home = worker
        self.socket = socket
        self.listener = listener
        self.plan = plan
        super.init()
        self.local.append(socket.localAddress?.description ?? plan.address)
        do {
            try worker.loop.registerShared(socket.descriptor, self)
        } catch {
            worker.telemetry.log.write(.critical, "listener", "cannot listen at \(plan.address): \(error)")
        }
    }

    /// New connections belong to this listener of a later snapshot.
    func serve(_ listener: Int, _ plan: ListenerPlan) {
        self.listener = listener
        self.plan = plan
    }

    override func ready(_ events: ReadyEvents) {
        var peer = PeerAddress(ip: nil, port: 0)
        for _ in 0..<Self.batch {
            if self.isClosed { return }
            switch self.socket.accept(from: &peer) {
            case .bytes(let descriptor):
                let socket = Socket(descriptor: Int32(descriptor))
                if socket.descriptor < self.home.descriptorLimit {
                    self.home.accepted(socket, peer, self)
                } else {
                    socket.close()
                    return self.lookAway("too many connections: the rest of the descriptors is for services")
                }
            case .wouldBlock:
                return
            case .failed(let code):
                return self.lookAway("cannot accept: \(SocketError(operation: "accept4", code: code))")
            }
        }
    }

    /// There are no descriptors left: level-triggered events would spin.
    private func lookAway(_ reason: String) {
        self.home.telemetry.log.write(.error, "listener", reason, ["listener": "\(self.plan.name)"])
        self.home.loop.deregister(self.socket.descriptor)
        self.home.loop.timers.set(
            self.timer, at: self.home.loop.now.advanced(byNanoseconds: Self.patience)
        )
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if self.isClosed { return }
        do {
            try self.home.loop.registerShared(self.socket.descriptor, self)
        } catch {
            self.home.loop.timers.set(timer, at: self.home.loop.now.advanced(byNanoseconds: Self.patience))
        }
    }

    func close() {
        if self.isClosed { return }
        self.isClosed = true
        self.home.loop.timers.remove(self.timer)
        // Closing alone does not end the events of a Unix socket, of which other workers have a copy.
        self.home.loop.deregister(self.socket.descriptor)
        self.socket.close()
        self.home.loop.retire(self)
    }
}
