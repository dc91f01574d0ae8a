internal import PluginSupport
public import PosternSDK
internal import Synchronization

/// Answers GET requests at an address, for what others come to fetch: metrics, a graph.
///
/// All handlers of the process that name the same address share its socket, and the newest answers: so a
/// reload neither misses a request nor fails because the address is taken.
public final class PageServer: Sendable {
    /// A request.
    public struct Request: Sendable {
        /// Without query.
        public let path: String
        /// The field `accept`; empty without one.
        public let accept: String
    }

    /// An answer.
    public struct Page: Sendable {
        let status: Int
        let type: String
        let body: [UInt8]

        /// 200 with a body.
        public init(type: String, _ body: [UInt8]) {
            self.status = 200
            self.type = type
            self.body = body
        }

        /// 404
        public static let notFound = Page(status: 404, "not found\n")
        static let badRequest = Page(status: 400, "bad request\n")
        static let methodNotAllowed = Page(status: 405, "only GET and HEAD\n")

        private init(status: Int, _ text: String) {
            self.status = status
            self.type = "text/plain; charset=utf-8"
            self.body = Array(text.utf8)
        }
    }

    /// Makes answers; called on the server's thread, one request at a time.
    public typealias Answer = @Sendable (Request) -> Page

    private static let places = Lock<[String: Place]>([:])
    private static let number = Atomic<Int>(0)

    private let text: String
    private let place: Place
    private let owner: Int

    /// Listens, unless another handler does already, and answers from now on.
    ///
    /// - Throws: ``ListenProblem``
    public init(at address: PageAddress, answer: @escaping Answer) throws(ListenProblem) {
        let owner = Self.number.add(1, ordering: .relaxed).newValue
        self.owner = owner
        self.text = address.text
        self.place = try Self.places.withLock { places throws(ListenProblem) in
            if let known = places[address.text], known.claim(owner, answer) { return known }
            let place = try Place(PageListener(address), owner, answer)
            places[address.text] = place
            return place
        }
    }

    deinit {
        guard self.place.release(self.owner) else { return }
        Self.places.withLock { [place, text] places in
            if places[text] === place { places[text] = nil }
        }
    }

    /// The port listened at, for addresses with port 0.
    public var port: Int { self.place.port }
}

/// One socket, its thread, and who answers.
private final class Place: Sendable {
    private struct State: Sendable {
        var owner: Int
        var answer: PageServer.Answer
        var isOver = false
    }

    private let listener: PageListener
    private let state: Lock<State>
    var port: Int { self.listener.port }

    init(_ listener: PageListener, _ owner: Int, _ answer: @escaping PageServer.Answer) {
        self.listener = listener
        self.state = Lock(State(owner: owner, answer: answer))
        listener.start { [weak self] request in self?.answer(request) ?? .notFound }
    }

    /// Whether the newcomer answers now; not when the socket is closed already.
    func claim(_ owner: Int, _ answer: @escaping PageServer.Answer) -> Bool {
        self.state.withLock { state in
            if state.isOver { return false }
            state.owner = owner
            state.answer = answer
            return true
        }
    }

    /// Ends it, unless somebody else has taken over.
    ///
    /// - Returns: Whether it was ended.
    func release(_ owner: Int) -> Bool {
        let isLast = self.state.withLock { state in
            if state.owner == owner { state.isOver = true }
            return state.owner == owner
        }
        if isLast { self.listener.stop() }
        return isLast
    }

    private func answer(_ request: PageServer.Request) -> PageServer.Page {
        // Under the lock, so that who is released is not called any more.
        self.state.withLock { $0.isOver ? .notFound : $0.answer(request) }
    }
}

/// An IP address with a port, at which to listen.
public struct PageAddress: Sendable {
    /// As it was written.
    public let text: String
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]
    let port: UInt16

    /// Whether only processes of this machine reach it.
    public var isLoopback: Bool {
        self.bytes.count == 4 ? self.bytes[0] == 127 : self.bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// `127.0.0.1:9464` or `[::1]:9464`.
    ///
    /// - Throws: ``ConfigProblem`` at `pointer`.
    public init(_ text: String, at pointer: String) throws(ConfigProblem) {
        guard let (bytes, port) = PageListener.parse(text) else {
            throw ConfigProblem(pointer, "must be an address with a port like 127.0.0.1:9464, got '\(text)'")
        }
        self.text = text
        self.bytes = bytes
        self.port = port
    }
}

/// Why an address cannot be listened at.
public struct ListenProblem: Error, CustomStringConvertible {
    /// What, and why.
    public let description: String
}
