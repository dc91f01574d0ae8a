internal import Foundation
internal import Primitives

/// A service that a test programs: it records every byte it is sent and answers what it is told to.
///
/// Each connection has a thread, which runs the script of a request's path; without one the answer is 200
/// with the backend's name. A script that returns true keeps the connection.
public final class RawBackend: Sendable {
    /// Called with a request's head; reads the rest itself, if it wants to.
    public typealias Script = @Sendable (RawConnection, RawMessage) throws -> Bool

    /// Called with a connection whose bytes are no HTTP; it is closed when this returns.
    public typealias RawScript = @Sendable (RawConnection) throws -> Void

    /// A connection that was accepted.
    public final class Visit: Sendable {
        public let connection: RawConnection
        fileprivate let end = Lock<(isOver: Bool, error: (any Error)?)>((false, nil))

        fileprivate init(_ socket: RawSocket) { self.connection = RawConnection(socket) }

        /// The service's side is done with it.
        public var isOver: Bool { self.end.withLock { $0.isOver } }
        /// Why it is over, when the client's end was no orderly one.
        public var error: (any Error)? { self.end.withLock { $0.error } }
        public var received: [UInt8] { self.connection.received }
    }

    public let name: String
    public let address: String
    private let listener: RawSocket
    private let scripts = Lock<[String: Script]>([:])
    private let rawScript = Lock<RawScript?>(nil)
    private let visits = Lock<[Visit]>([])
    private let whole = Lock<[RawMessage]>([])

    /// - Parameter address: Port 0 for a free one.
    public init(_ name: String = "backend", at address: String = "127.0.0.1:0", receiveBuffer: Int32? = nil)
        throws
    {
        self.name = name
        let listener = try RawSocket.listen(at: address, receiveBuffer: receiveBuffer)
        self.listener = listener
        self.address = address.hasPrefix("unix:") ? address : listener.localAddress
        Thread.detachNewThread { [weak self] in
            while let socket = listener.accept() { self?.accepted(socket) }
        }
    }

    deinit {
        self.listener.shutdown()
        for visit in self.visits.withLock({ $0 }) { visit.connection.socket.shutdown() }
    }

    /// Sets the script for requests whose path, without query, is `path`.
    public func on(_ path: String, _ script: @escaping Script) { self.scripts.withLock { $0[path] = script } }

    /// Sets the script for whole connections, from their first byte on.
    public func onConnection(_ script: @escaping RawScript) { self.rawScript.withLock { $0 = script } }

    /// Answers each request for `path` with these bytes, after its whole body.
    public func on(_ path: String, answer: String, thenClose: Bool = false) {
        self.on(path) { connection, head in
            _ = try connection.finish(head)
            try connection.send(answer)
            return !thenClose
        }
    }

    /// Forgets the connections that are over.
    public func forget() { self.visits.withLock { $0.removeAll { $0.isOver } } }

    /// Every connection, in the order accepted.
    public var connections: [Visit] { self.visits.withLock { $0 } }

    /// Requests that were answered without a script since the last call.
    public func takeRequests() -> [RawMessage] {
        self.whole.withLock { all in
            defer { all = [] }
            return all
        }
    }

    /// Every byte received on all connections.
    public var receivedCount: Int { self.connections.reduce(0) { $0 + $1.received.count } }

    /// Closes every connection, so that none is used again.
    public func dropConnections() {
        for visit in self.connections { visit.connection.socket.shutdown() }
        eventually { self.connections.allSatisfy(\.isOver) }
        self.forget()
    }

    private func accepted(_ socket: RawSocket) {
        let visit = Visit(socket)
        self.visits.withLock { $0.append(visit) }
        Thread.detachNewThread { [weak self] in
            do {
                while let self, try self.serve(visit) {}
            } catch {
                visit.end.withLock { $0.error = error }
            }
            visit.connection.socket.close()
            visit.end.withLock { $0.isOver = true }
        }
    }

    private func serve(_ visit: Visit) throws -> Bool {
        if let script = self.rawScript.withLock({ $0 }) {
            try script(visit.connection)
            return false
        }
        guard visit.connection.hasInput(within: 100) else { return true }
        if try visit.connection.isAtEnd() { return false }
        let head = try visit.connection.readHead()
        let path = String(head.target.prefix { $0 != "?" })
        if let script = self.scripts.withLock({ $0[path] }) { return try script(visit.connection, head) }
        let request = try visit.connection.finish(head)
        self.whole.withLock { $0.append(request) }
        let body = request.method == "HEAD" ? "" : self.name
        try visit.connection.send(
            "HTTP/1.1 200 OK\r\nContent-Length: \(self.name.utf8.count)\r\n\r\n\(body)"
        )
        return true
    }
}

extension RawConnection {
    /// Reads the body that belongs to a request's head.
    public func finish(_ head: RawMessage) throws -> RawMessage {
        var message = head
        try self.readBody(&message, isBodyless: message["content-length"] == nil)
        return message
    }
}
