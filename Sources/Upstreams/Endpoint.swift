internal import Primitives
internal import Reactor

/// One endpoint of a service, with its idle connections in one worker.
final class Endpoint {
    /// `127.0.0.1:9001`, or the name and port of one with several addresses.
    let name: String
    /// What it is called when it is a name, or one of a name's addresses.
    let hostName: String?
    /// Where connections are tried, in this order.
    private(set) var addresses: [SocketAddress]
    /// The same in the order that they were given in.
    private var givenAddresses: [SocketAddress]
    private let nameBytes: ByteBuffer
    /// The balancer's name for it.
    let slot: Int
    /// Connections without a request, the one used last at the end.
    private(set) var idle: ContiguousArray<UpstreamConnection> = []
    /// Connections that carry many requests.
    private(set) var shared: ContiguousArray<UpstreamConnection> = []
    private(set) var weight: Int
    /// With TLS: its name, and the session to resume; one of each context.
    var tls: TLSPeer?
    /// Asked whether it speaks HTTP/2, it has said that it does not.
    var isHTTP1 = false
    /// Open connections, and counts for the admin endpoint.
    var connections = 0
    var connectionsMade = 0
    var connectFailures = 0
    /// A reload has dropped the endpoint: connections close when they become idle.
    var isRemoved = false

    init(_ entry: EndpointList.Entry, slot: Int) {
        self.name = entry.key
        self.hostName = entry.hostName
        self.addresses = entry.addresses
        self.givenAddresses = entry.addresses
        self.weight = entry.weight
        self.slot = slot
        self.nameBytes = ByteBuffer(capacity: entry.key.utf8.count)
        self.nameBytes.append(entry.key)
    }

    /// The list has it again, perhaps elsewhere; what is connected stays so.
    func take(_ entry: EndpointList.Entry) {
        self.weight = entry.weight
        if entry.addresses == self.givenAddresses { return }
        self.addresses = entry.addresses
        self.givenAddresses = entry.addresses
    }

    /// Whether there is a choice of addresses.
    var hasSeveralAddresses: Bool { self.addresses.count > 1 }

    /// A connection was made to this one of several: the next is tried there first (RFC 8305, 4).
    func prefer(_ address: SocketAddress) {
        guard self.addresses.first != address, let index = self.addresses.firstIndex(of: address) else {
            return
        }
        self.addresses.insert(self.addresses.remove(at: index), at: 0)
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
