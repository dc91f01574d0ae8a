internal import PosternSDK

/// The way of one message, request or response, past the filter.
///
///     head ──► hook ──► out        pause: stands until resume
///     body ──► hook ──► out        buffer: the body hook comes first, with all of it
final class TestPass {
    private enum Stage { case idle, head, headPassed, collecting, collected, body, trailers, ending, done }

    let direction: StreamDirection
    private unowned let exchange: TestExchange
    private var stage = Stage.idle
    private var input: [[UInt8]] = []
    private var hasTrailers = false
    private var endsWithHead = false
    private(set) var isPaused = false
    private var resumedInHook = false
    private var isInHook = false
    /// Body that a hook has passed on, and that waits for the filter to go on.
    private var held: [UInt8]?
    private var sent = 0
    /// The length that the head announces; nil when it announces none.
    private var announced: Int?
    /// The most body that is collected, in bytes.
    var limit = 1 << 20
    /// The filter has said that it will change the length.
    var changesLength = false
    /// The filter is not shown this message.
    var isUnseen = false

    init(_ direction: StreamDirection, _ exchange: TestExchange) {
        self.direction = direction
        self.exchange = exchange
    }

    var hasBegun: Bool { self.stage != .idle }
    var isDone: Bool { self.stage == .done }
    /// Whether the head has left.
    var isHeadPassed: Bool {
        self.hasBegun && ![.head, .headPassed, .collecting, .collected].contains(self.stage)
    }

    func begin(_ parts: [[UInt8]], hasTrailers: Bool) {
        self.stage = .head
        self.input = parts
        self.hasTrailers = hasTrailers
        self.endsWithHead = parts.isEmpty && !hasTrailers
    }

    /// Goes on after a pause.
    func resume() {
        if self.isInHook, !self.isPaused {
            self.resumedInHook = true
        } else {
            self.isPaused = false
        }
    }

    func pump() {
        while !self.isPaused, !self.exchange.isAnswered(in: self.direction) {
            if self.isHeadPassed, let held = self.held {
                self.held = nil
                self.emit(held)
                continue
            }
            switch self.stage {
            case .idle, .done: return
            case .head:
                self.stage = .headPassed
                self.act(self.call(.head, endOfStream: self.endsWithHead), mayBuffer: true)
            case .headPassed:
                self.stage = .body
                self.passHead(length: self.declaredLength)
            case .collecting: self.collect()
            case .collected:
                self.stage = self.hasTrailers ? .trailers : .ending
                self.passHead(length: self.hasTrailers ? nil : self.held?.count ?? 0)
            case .body: self.nextPart()
            case .trailers:
                self.stage = .ending
                if self.hasTrailers { self.act(self.call(.trailers, endOfStream: true)) }
            case .ending: self.finish()
            }
        }
    }

    private func call(_ hook: TestHook, endOfStream: Bool) -> UInt32 {
        if self.isUnseen { return 0 }
        self.isInHook = true
        defer { self.isInHook = false }
        return self.exchange.call(hook, self.direction, endOfStream: endOfStream)
    }

    /// What the host makes of a hook's answer.
    private func act(_ action: UInt32, mayBuffer: Bool = false) {
        let resumed = self.resumedInHook
        self.resumedInHook = false
        if self.exchange.hasResponded { return }
        switch action {
        case 0: break
        case 1: self.isPaused = !resumed
        case 2 where mayBuffer: self.stage = .collecting
        default: self.exchange.fail(500, "filter_failed")
        }
    }

    private func nextPart() {
        guard !self.input.isEmpty else {
            self.stage = self.hasTrailers ? .trailers : .ending
            return
        }
        let part = self.input.removeFirst()
        self.show(part, endOfStream: self.input.isEmpty && !self.hasTrailers)
    }

    private func collect() {
        let whole = Array(self.input.joined())
        self.input = []
        guard whole.count <= self.limit else {
            return self.direction == .request
                ? self.exchange.fail(413, "request_payload_too_large")
                : self.exchange.fail(502, "response_payload_too_large")
        }
        self.stage = .collected
        self.show(whole, endOfStream: true)
        if self.held?.isEmpty == true, self.endsWithHead { self.held = nil }
    }

    private func show(_ bytes: [UInt8], endOfStream: Bool) {
        self.exchange.body = bytes
        self.exchange.replacement = nil
        let action = self.call(.body, endOfStream: endOfStream)
        let shown = self.exchange.replacement ?? bytes
        (self.exchange.body, self.exchange.replacement) = (nil, nil)
        self.act(action)
        if !self.exchange.isAnswered(in: self.direction) { self.held = shown }
    }

    private var declaredLength: Int? {
        if self.changesLength || self.hasTrailers { return nil }
        return self.input.reduce(0) { $0 + $1.count }
    }

    private func passHead(length: Int?) {
        self.announced = length
        self.exchange.passHead(self.direction, length: length)
    }

    private func emit(_ bytes: [UInt8]) {
        self.sent += bytes.count
        if let announced, self.sent > announced { return self.breakLength("response_length_exceeded") }
        self.exchange.passBody(self.direction, bytes)
    }

    private func finish() {
        if let announced, self.sent < announced {
            return self.breakLength("response_cut_short_by_filter")
        }
        if self.hasTrailers { self.exchange.passTrailers(self.direction) }
        self.stage = .done
    }

    private func breakLength(_ details: String) {
        self.stage = .done
        self.exchange.fail(500, self.direction == .request ? "request_length_broken_by_filter" : details)
    }
}

/// A hook of one direction.
enum TestHook { case head, body, trailers }

extension TestExchange {
    func passHead(_ direction: StreamDirection, length: Int?) {
        var head = direction == .request ? self.request.headers : self.answerHead.headers
        head["content-length"] = nil
        if let length, length > 0 { head.add("content-length", "\(length)") }
        if direction == .request {
            var request = self.request
            (request.headers, request.body, request.trailers) = (head, "", [:])
            self.forwarded = request
        } else {
            self.response = TestResponse(self.answerHead.status, headers: head)
        }
    }

    func passBody(_ direction: StreamDirection, _ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        if direction == .request {
            self.forwarded?.body.parts.append(bytes)
        } else {
            self.response?.body.parts.append(bytes)
        }
    }

    func passTrailers(_ direction: StreamDirection) {
        if direction == .request {
            self.forwarded?.trailers = self.request.trailers
        } else {
            self.response?.trailers = self.answerHead.trailers
        }
    }
}
