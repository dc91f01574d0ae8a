internal import Foundation
internal import Primitives

/// A service that speaks HTTP/2 and does what a test tells it to.
///
/// Each connection has a thread, which runs the script of a request's path once its head has come; without
/// one the answer is 200 with the backend's name, once the request is complete.
public final class HTTP2Backend: Sendable {
    /// Called with the connection and a request's stream.
    public typealias Script = @Sendable (RawHTTP2, UInt32) throws -> Void

    /// A connection that was accepted.
    public final class Visit: Sendable {
        fileprivate let socket: RawSocket
        private let http2 = Lock<RawHTTP2?>(nil)
        fileprivate let end = Lock(false)

        fileprivate init(_ socket: RawSocket) { self.socket = socket }

        fileprivate func begin(_ http2: RawHTTP2) { self.http2.withLock { $0 = http2 } }
        /// nil until the preface has come.
        public var connection: RawHTTP2? { self.http2.withLock { $0 } }
        /// The gateway has gone.
        public var isOver: Bool { self.end.withLock { $0 } }
    }

    public let name: String
    public let address: String
    private let listener: RawSocket
    private let settings: [(UInt16, UInt32)]
    private let opensWindows: Bool
    private let greets: Bool
    private let greeting: [UInt8]?
    private let scripts = Lock<[String: Script]>([:])
    private let visits = Lock<[Visit]>([])

    /// - Parameters:
    ///   - greets: Whether it sends its SETTINGS; without, it accepts and says nothing.
    ///   - greeting: Says this instead, and nothing more.
    public init(
        _ name: String = "backend", settings: [(UInt16, UInt32)] = [], opensWindows: Bool = true,
        greets: Bool = true, greetsWith greeting: [UInt8]? = nil
    ) throws {
        self.name = name
        self.settings = settings
        self.opensWindows = opensWindows
        self.greets = greets
        self.greeting = greeting
        self.listener = try RawSocket.listen(at: "127.0.0.1:0")
        self.address = self.listener.localAddress
        let listener = self.listener
        Thread.detachNewThread { [weak self] in
            while let socket = listener.accept() { self?.accepted(socket) }
        }
    }

    deinit {
        self.listener.shutdown()
        for visit in self.visits.withLock({ $0 }) { visit.socket.shutdown() }
    }

    /// Sets the script for requests whose path is `path`.
    public func on(_ path: String, _ script: @escaping Script) { self.scripts.withLock { $0[path] = script } }

    /// Every connection, in the order accepted.
    public var connections: [Visit] { self.visits.withLock { $0 } }

    /// The requests that came on all connections.
    public var requests: [HTTP2Message] {
        self.connections.compactMap(\.connection).flatMap { connection in
            connection.streams.map { connection[$0] }.filter(\.hasHead)
        }
    }

    private func accepted(_ socket: RawSocket) {
        let visit = Visit(socket)
        self.visits.withLock { $0.append(visit) }
        Thread.detachNewThread { [weak self] in
            try? self?.serve(visit)
            visit.socket.close()
            visit.end.withLock { $0 = true }
        }
    }

    private func serve(_ visit: Visit) throws {
        if let greeting = self.greeting { try visit.socket.write(greeting) }
        guard self.greets, self.greeting == nil else {
            while try !visit.socket.read().isEmpty {}
            return
        }
        let http2 = try RawHTTP2(
            RawConnection(visit.socket), isClient: false, settings: self.settings,
            opensWindows: self.opensWindows)
        visit.begin(http2)
        var answered: Set<UInt32> = []
        while try http2.readFrame() {
            for stream in http2.streams where !answered.contains(stream) {
                let message = http2[stream]
                guard message.hasHead else { continue }
                if let script = self.scripts.withLock({ $0[message.path] }) {
                    answered.insert(stream)
                    try script(http2, stream)
                } else if message.isEnded {
                    answered.insert(stream)
                    try http2.respond(stream, body: message[":method"] == "HEAD" ? "" : self.name)
                }
            }
        }
    }
}
