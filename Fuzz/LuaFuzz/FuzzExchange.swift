internal import Filtering
internal import Primitives

/// A store and a log, and nothing else.
final class FuzzHost: FilterHost, @unchecked Sendable {
    // SAFETY: no state.
    override func isLogged(_ level: FilterLogLevel) -> Bool { true }
}

/// Answers every call to a service when asked to.
final class FuzzWorker: FilterWorker {
    var waiting: [(id: UInt64, done: (CalloutResult) -> Void)] = []
    private var made: UInt64 = 0

    init() { super.init(index: 0) }

    override func call(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? {
        guard callout.service == "auth" else { return nil }
        self.made += 1
        if stream != nil { self.waiting.append((self.made, done)) }
        return PendingID(rawValue: self.made)
    }

    override func cancel(_ id: PendingID) { self.waiting.removeAll { $0.id == id.rawValue } }
}

/// A stream that takes everything that filters may do.
final class FuzzStream: FilterStream {
    var isAnswered = false
    var resumed: Bool?
    private let held = ByteBuffer(capacity: 64)

    override func respond(_ response: LocalResponse) -> Bool {
        defer { self.isAnswered = true }
        return !self.isAnswered
    }
    override func resume(_ direction: StreamDirection, by slot: Int) { self.resumed = true }
    override func resumeBuffering(_ direction: StreamDirection, by slot: Int) { self.resumed = false }
    override func heldBody(_ direction: StreamDirection, by slot: Int) -> ByteView { self.held.view }
    override func replaceHeldBody(_ direction: StreamDirection, by slot: Int, _ bytes: ByteView) {
        self.held.reset()
        self.held.append(bytes)
    }
    override func attribute(_ attribute: Attribute) -> AttributeValue { .bytes(ByteView("127.0.0.1:80")) }
}

/// Drives one exchange through a filter.
final class FuzzExchange {
    private let filter: Filter
    private let worker: FuzzWorker
    private let stream: FuzzStream
    private let slot: FilterSlot
    private let memory: UnsafeMutableRawPointer
    private let isLong: Bool

    init(_ filter: Filter, _ worker: FuzzWorker, isLong: Bool) {
        self.filter = filter
        self.worker = worker
        self.stream = FuzzStream(worker: worker)
        self.isLong = isLong
        self.memory = .allocate(byteCount: max(filter.stateSize, 16), alignment: 16)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: filter.stateSize)
        self.slot = FilterSlot(index: 0, state: self.memory)
        _ = self.stream.request.set(ByteView(":method"), ByteView("POST"))
        _ = self.stream.request.set(ByteView(":path"), ByteView("/a?b"))
        _ = self.stream.request.add(ByteView("x-a"), ByteView("1"))
        _ = self.stream.request.add(ByteView("X-A"), ByteView("2"))
        self.stream.metadata["space", "key"] = .list([.number(1), .text("x")])
    }

    deinit { self.memory.deallocate() }

    func run() {
        self.filter.open(self.stream, self.slot)
        self.pass(.request)
        self.stream.response.status = 200
        if !self.stream.isAnswered { self.pass(.response) }
        if self.filter.phases.contains(.complete) { self.filter.complete(self.stream, self.slot) }
        self.filter.close(self.stream, self.slot)
        self.worker.waiting = []
    }

    private func pass(_ direction: StreamDirection) {
        let phases = self.filter.phases
        guard phases.contains(direction == .request ? .requestHead : .responseHead) else { return }
        let head =
            direction == .request
            ? self.filter.requestHead(self.stream, self.slot, endOfStream: !self.isLong)
            : self.filter.responseHead(self.stream, self.slot, endOfStream: !self.isLong)
        guard let goesOn = self.settle(head) else { return }
        guard phases.contains(direction == .request ? .requestBody : .responseBody) else { return }
        if !goesOn { return _ = self.body(direction, "whole body", isLast: true) }
        guard self.isLong else { return }
        for piece in ["first", "", "second"] {
            guard self.body(direction, piece, isLast: false) else { return }
        }
        let block = direction == .request ? self.stream.requestTrailers : self.stream.responseTrailers
        _ = block.add(ByteView("x-t"), ByteView("1"))
        let trailers =
            direction == .request
            ? self.filter.requestTrailers(self.stream, self.slot)
            : self.filter.responseTrailers(self.stream, self.slot)
        _ = self.settle(trailers)
    }

    private func body(_ direction: StreamDirection, _ text: String, isLast: Bool) -> Bool {
        let action = text.withByteView { bytes in
            self.stream.body = bytes
            defer { self.stream.body = .empty }
            return direction == .request
                ? self.filter.requestBody(self.stream, self.slot, endOfStream: isLast)
                : self.filter.responseBody(self.stream, self.slot, endOfStream: isLast)
        }
        precondition(action != .buffer, "a body hook may not buffer")
        return self.settle(action) == true
    }

    /// Whether the message goes on (true), or its whole body is wanted (false); nil when it goes no further.
    private func settle(_ action: FilterAction) -> Bool? {
        switch action {
        case .continue: return true
        case .buffer: return false
        case .responded, .failed: return nil
        case .pause: break
        }
        self.stream.resumed = nil
        while self.stream.resumed == nil, !self.stream.isAnswered, !self.worker.waiting.isEmpty {
            let next = self.worker.waiting.removeFirst()
            if next.id % 3 == 0 {
                next.done(.failed(.timedOut))
                continue
            }
            let head = HeaderBlock(capacity: 64)
            head.status = 200
            _ = head.add(ByteView("x-who"), ByteView("me"))
            next.done(.answer(head: head, body: ByteView("said"), trailers: HeaderBlock(capacity: 16)))
        }
        precondition(self.stream.resumed != nil || self.stream.isAnswered, "paused for ever")
        return self.stream.isAnswered ? nil : self.stream.resumed
    }
}
