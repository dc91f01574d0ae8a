internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport

/// A server's and a client's stream in one loop, connected by a pair of sockets.
final class TLSPair {
    /// Writes down what it is told.
    final class Stream: SocketStream {
        var events: [String] = []
        let received = ByteBuffer(capacity: 64)
        var failure: String?
        /// Bytes that are looked at and left before TLS begins with `upgrade`.
        var upgrade: TLSServerContext?
        var greeting: String?
        /// Ends its own direction with the handshake.
        var endsFirst = false
        /// Closes when the other direction ends.
        var closesAtEnd = false
        /// Goes on when it can no longer write.
        var staysOpen = false

        override func received(_ bytes: ByteView) -> Int {
            if let context = self.upgrade {
                self.upgrade = nil
                self.events.append("saw \(bytes.count > 0 ? Int(bytes[0]) : -1)")
                self.startTLS(context)
                return 0
            }
            self.received.append(bytes)
            return bytes.count
        }
        override func secured() {
            self.events.append("secured")
            if let greeting = self.greeting { greeting.withByteView { self.send($0) } }
            if self.endsFirst { self.shutdownOutput() }
        }
        override func inputEnded() {
            self.events.append("ended")
            if self.closesAtEnd { self.close() }
        }
        override func outputDrained() { self.events.append("drained") }
        override func failed(_ code: Int32, whileWriting: Bool) {
            self.failure = self.tls?.failure
            self.events.append("failed \(code)")
            if !self.staysOpen { self.close() }
        }
        override func closed() { self.events.append("closed") }

        var text: String { self.received.view.string }
        var isSecured: Bool { self.events.contains("secured") }
    }

    let loop: EventLoop
    let server: Stream
    let client: Stream

    init(_ loop: EventLoop, _ sockets: (server: Socket, client: Socket)? = nil) throws {
        self.loop = loop
        let (a, b) = try sockets ?? Self.sockets()
        self.server = Stream(loop: loop, socket: a, isConnecting: false)
        self.client = Stream(loop: loop, socket: b, isConnecting: false)
        try self.server.start()
        try self.client.start()
        loop.turn(wait: false)
    }

    /// Both ends begin TLS; the client asks for `name`.
    convenience init(
        _ server: TLSServerContext, _ client: TLSClientContext, name: String? = "a.example",
        verified: String? = nil, loop: EventLoop? = nil
    ) throws {
        try self.init(server, TLSPeer(client, serverName: name, verifiedName: verified ?? name), loop: loop)
    }

    convenience init(_ server: TLSServerContext, _ peer: TLSPeer, loop: EventLoop? = nil) throws {
        try self.init(loop ?? EventLoop())
        self.server.startTLS(server)
        self.client.startTLS(to: peer)
    }

    static func sockets() throws -> (Socket, Socket) {
        var pair: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
            throw SocketError(operation: "socketpair", code: errno)
        }
        return (Socket(descriptor: pair[0]), Socket(descriptor: pair[1]))
    }

    /// As ``sockets()``, of TCP.
    static func internetSockets() throws -> (server: Socket, client: Socket) {
        guard let any = SocketAddress(parsing: "127.0.0.1:0") else { throw POSIXError(.EINVAL) }
        let listener = try Socket.listen(on: any, sharesPort: false)
        defer { listener.close() }
        guard let address = listener.localAddress else { throw POSIXError(.EINVAL) }
        let client = try Socket.connect(to: address)
        guard case .bytes(let server) = listener.accept() else { throw POSIXError(.EAGAIN) }
        return (Socket(descriptor: Int32(server)), client)
    }

    /// Turns the loop until `condition` holds.
    ///
    /// - Returns: false when nothing more happens and it does not.
    @discardableResult
    func turn(until condition: () -> Bool) -> Bool {
        for _ in 0..<20_000 {
            if condition() { return true }
            self.loop.turn(wait: false)
        }
        return condition()
    }

    /// Whether the handshake ends well on both sides.
    func handshake() -> Bool { self.turn { self.server.isSecured && self.client.isSecured } }

    /// Turns the loop until one of the two has failed, and a little longer.
    func failure() -> (server: String?, client: String?) {
        self.turn { self.server.failure != nil || self.client.failure != nil }
        for _ in 0..<10 { self.loop.turn(wait: false) }
        return (self.server.failure, self.client.failure)
    }

    func close() {
        self.server.close()
        self.client.close()
        self.loop.turn(wait: false)
    }
}
