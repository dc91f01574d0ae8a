internal import Primitives
internal import Reactor

/// One address of a service, with its idle connections in one worker.
final class Endpoint {
    /// As configured, `127.0.0.1:9001`.
    let name: String
    let address: SocketAddress
    private let nameBytes: ByteBuffer
    /// The balancer's name for it.
    let slot: Int
    /// Connections without a request, the one used last at the end.
    private(set) var idle: ContiguousArray<UpstreamConnection> = []
    /// Connections that carry many requests.
    private(set) var shared: ContiguousArray<UpstreamConnection> = []
    var weight = 1
    /// Open connections, and counts for the admin endpoint.
    var connections = 0
    var connectionsMade = 0
    var connectFailures = 0
    /// A reload has dropped the endpoint: connections close when they become idle.
    var isRemoved = false

    init(name: String, address: SocketAddress, slot: Int) {
        self.name = name
        self.address = address
        self.slot = slot
        self.nameBytes = ByteBuffer(capacity: name.utf8.count)
        self.nameBytes.append(name)
    }

    var nameView: ByteView { self.nameBytes.view }

    /// The connection used last: it is the least likely to have been closed meanwhile.
    func takeIdle() -> UpstreamConnection? {
        guard let connection = self.idle.popLast() else { return nil }
        connection.idleIndex = -1
        return connection
    }

    func keepIdle(_ connection: UpstreamConnection) {
        connection.idleIndex = self.idle.count
        self.idle.append(connection)
    }

    /// A connection without a request, whatever it speaks, for another that is wanted more.
    func takeUnused() -> UpstreamConnection? {
        self.takeIdle() ?? self.shared.first { $0.http2?.isIdle == true }
    }

    /// One that carries many and has room for another request.
    var sharedWithRoom: UpstreamConnection? {
        self.shared.first { !$0.isStale && $0.http2?.hasRoom == true }
    }

    func share(_ connection: UpstreamConnection) { self.shared.append(connection) }

    /// Closes what is idle, and what is shared after its last request.
    func drain() {
        while let connection = self.takeIdle() { connection.close() }
        for connection in self.shared { connection.http2?.drain() }
    }

    func forget(_ connection: UpstreamConnection) {
        if connection.http2 != nil { self.shared.removeAll { $0 === connection } }
        let index = connection.idleIndex
        guard index >= 0 else { return }
        connection.idleIndex = -1
        let last = self.idle.removeLast()
        if index < self.idle.count {
            self.idle[index] = last
            last.idleIndex = index
        }
    }
}
