/// An address at which no connection can be made.
public final class DeadEnd: Sendable {
    public let address: String
    private let sockets: [RawSocket]

    /// Connects are refused at once.
    public static func refusing() throws -> DeadEnd { DeadEnd([try RawSocket.refusing()]) }

    /// Connects get no answer: the queue of those that wait to be accepted is full.
    public static func silent(at address: String = "127.0.0.1:0") throws -> DeadEnd {
        let listener = try RawSocket.listen(at: address, backlog: 0)
        let waiting = try (0..<4).map { _ in try RawSocket.beginConnect(to: listener.localAddress) }
        return DeadEnd([listener] + waiting)
    }

    private init(_ sockets: [RawSocket]) {
        self.sockets = sockets
        self.address = sockets[0].localAddress
    }
}
