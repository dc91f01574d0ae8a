internal import Filtering
internal import GatewayConfig
internal import Primitives

/// Drives one request and its response through one script, as the gateway's own chain would.
final class TestExchange {
    let stream: TestStream
    private let filter: LuaWorkerFilter
    private let given: ConfigNode
    private let slot: FilterSlot
    /// What the service saw; nil when the request did not get there.
    private var forwarded: ConfigNode?
    private var requestBody: [UInt8] = []
    private var responseBody: [UInt8] = []
    private var hasFailed = false
    /// The script waits for what never comes.
    private(set) var isStuck = false

    // SAFETY: `memory` is `stateSize` zeroed bytes, aligned to 16, and freed after `close`.
    private let memory: UnsafeMutableRawPointer

    init(_ filter: LuaWorkerFilter, _ worker: TestWorker, _ given: ConfigNode) {
        self.filter = filter
        self.given = given
        self.stream = TestStream(worker)
        self.memory = .allocate(byteCount: max(filter.stateSize, 16), alignment: 16)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: filter.stateSize)
        self.slot = FilterSlot(index: 0, state: self.memory)
        self.fillRequest()
    }

    deinit { self.memory.deallocate() }

    private func fillRequest() {
        let request = self.stream.request
        request.set(pseudo: ":method", self.given.text("method") ?? "GET")
        request.set(pseudo: ":path", self.given.text("path") ?? "/")
        request.set(pseudo: ":authority", self.given.text("authority") ?? "example.com")
        request.set(pseudo: ":scheme", self.given.text("scheme") ?? "http")
        request.add(self.given.fields("headers"))
        self.stream.attributes = Dictionary(
            (self.given["attributes"]?.entries ?? []).map { ($0.key, $0.value) }
        ) { $1 }
        self.stream.facts[self.filter.blueprint.name] = Self.values(self.given["metadata"])
        self.stream.hostFacts[self.filter.blueprint.name] = Self.values(self.given["route_metadata"])
        for space in self.given["dynamic_metadata"]?.entries ?? [] {
            self.stream.metadata[space.key] = Self.values(space.value)
        }
    }

    private static func values(_ node: ConfigNode?) -> [String: MetadataValue] {
        Dictionary((node?.entries ?? []).map { ($0.key, MetadataValue($0.value)) }) { $1 }
    }

    func run() {
        let phases = self.filter.phases
        self.filter.open(self.stream, self.slot)
        self.pass(.request, self.given, takesPart: phases.contains(.requestHead), &self.requestBody)
        if self.stream.reply == nil, !self.hasFailed, !self.isStuck {
            self.forwarded = self.describeRequest()
            self.fillResponse()
        } else {
            self.fillReply()
        }
        self.stream.reply = nil
        let failedEarly = self.hasFailed
        self.hasFailed = false
        let answer = self.given["response"] ?? .object([:])
        let isOurs = self.forwarded == nil
        if !self.isStuck {
            let message = isOurs ? self.ownAnswer : answer
            self.pass(.response, message, takesPart: phases.contains(.responseHead), &self.responseBody)
            if self.stream.reply != nil || self.hasFailed {
                self.fillReply()
                self.responseBody = Array(self.ownAnswer.pieces.joined().utf8)
            }
        }
        self.hasFailed = self.hasFailed || failedEarly
        if phases.contains(.complete) { self.filter.complete(self.stream, self.slot) }
        self.filter.close(self.stream, self.slot)
        self.stream.home.forget()
    }

    // MARK: A direction

    private func pass(
        _ direction: StreamDirection, _ message: ConfigNode, takesPart: Bool, _ out: inout [UInt8]
    ) {
        let pieces = message.pieces.map { Array($0.utf8) }
        let trailers = message.fields("trailers")
        let block = direction == .request ? self.stream.requestTrailers : self.stream.responseTrailers
        guard takesPart else {
            block.add(trailers)
            out = pieces.flatMap { $0 }
            return
        }
        let endsWithHead = pieces.isEmpty && trailers.isEmpty
        var step = self.settle(self.head(direction, endOfStream: endsWithHead), direction)
        if direction == .response, step != .buffer { self.stream.isResponseStarted = step == .goOn }
        if step == .buffer {
            block.add(trailers)
            out = pieces.flatMap { $0 }
            step = self.body(direction, out, endOfStream: true, &out)
        } else if step == .goOn {
            for (index, piece) in pieces.enumerated() where step == .goOn {
                let isLast = index == pieces.count - 1 && trailers.isEmpty
                var shown: [UInt8] = []
                step = self.body(direction, piece, endOfStream: isLast, &shown)
                out += shown
            }
            block.add(trailers)
        }
        guard step == .goOn, !trailers.isEmpty else { return }
        let action =
            direction == .request
            ? self.filter.requestTrailers(self.stream, self.slot)
            : self.filter.responseTrailers(self.stream, self.slot)
        _ = self.settle(action, direction)
    }

    private func head(_ direction: StreamDirection, endOfStream: Bool) -> FilterAction {
        direction == .request
            ? self.filter.requestHead(self.stream, self.slot, endOfStream: endOfStream)
            : self.filter.responseHead(self.stream, self.slot, endOfStream: endOfStream)
    }

    private func body(
        _ direction: StreamDirection, _ bytes: [UInt8], endOfStream: Bool, _ out: inout [UInt8]
    ) -> TestStream.Resumption? {
        self.stream.replacement = nil
        let action = bytes.withByteView { view in
            self.stream.body = view
            defer { self.stream.body = .empty }
            return direction == .request
                ? self.filter.requestBody(self.stream, self.slot, endOfStream: endOfStream)
                : self.filter.responseBody(self.stream, self.slot, endOfStream: endOfStream)
        }
        self.stream.held = self.stream.replacement ?? bytes
        let step = self.settle(action, direction)
        out = self.stream.held
        self.stream.held = []
        return step
    }

    /// Answers what is waited for until the script goes on; nil when the message goes no further.
    private func settle(_ action: FilterAction, _ direction: StreamDirection) -> TestStream.Resumption? {
        switch action {
        case .continue: return .goOn
        case .buffer: return .buffer
        case .responded: return nil
        case .failed:
            self.hasFailed = true
            return nil
        case .pause: break
        }
        self.stream.resumption = nil
        while self.stream.resumption == nil, self.stream.reply == nil {
            guard self.stream.home.answerNext() else {
                self.isStuck = true
                return nil
            }
        }
        return self.stream.reply == nil ? self.stream.resumption : nil
    }

    // MARK: Responses

    private func fillResponse() {
        let answer = self.given["response"] ?? .object([:])
        self.stream.response.status = answer.integer("status") ?? 200
        self.stream.response.add(answer.fields("headers"))
    }

    /// The body of an answer that the script has given.
    private var ownAnswer = ConfigNode(.object([]))

    private func fillReply() {
        let reply = self.stream.reply ?? LocalResponse(status: 500, details: "filter_failed")
        self.stream.response.reset()
        self.stream.responseTrailers.reset()
        self.stream.response.status = reply.status
        self.stream.response.add(reply.headers)
        if !reply.body.isEmpty, self.stream.response.first(.contentType) == nil {
            self.stream.response.add([("content-type", "text/plain")])
        }
        self.ownAnswer = .object(["body": ConfigNode(String(decoding: reply.body, as: UTF8.self))])
    }

    // MARK: Telling

    private func describeRequest() -> ConfigNode {
        let request = self.stream.request
        return .object([
            "method": ConfigNode(request.method.string), "path": ConfigNode(request.path.string),
            "authority": ConfigNode(request.authority.string), "fields": ConfigNode(fields: request),
            "body": ConfigNode(String(decoding: self.requestBody, as: UTF8.self)),
            "trailer_fields": ConfigNode(fields: self.stream.requestTrailers),
        ])
    }

    /// Everything that happened, for the test.
    func report(_ lines: [TestHost.Line]) -> ConfigNode {
        let response = self.stream.response
        let reason = response.reason.string
        return .object([
            "status": ConfigNode(.integer(response.status)), "fields": ConfigNode(fields: response),
            "reason": ConfigNode(reason.isEmpty ? nil : reason),
            "body": ConfigNode(String(decoding: self.responseBody, as: UTF8.self)),
            "trailer_fields": ConfigNode(fields: self.stream.responseTrailers),
            "request": self.forwarded ?? ConfigNode(.null),
            "logs": ConfigNode(.array(lines.map(Self.describe))),
            "error": ConfigNode(self.problem(lines)),
            "callouts": ConfigNode(.array(self.stream.home.sent.map(Self.describe))),
            "metadata": MetadataValue.object(self.stream.metadata.spaces.mapValues { .object($0) }).node,
            "endpoint": ConfigNode(self.stream.override?.address),
            "closes_connection": ConfigNode(.bool(self.stream.closesConnection)),
            "routes_cleared": ConfigNode(.integer(self.stream.routesCleared)),
        ])
    }

    /// Why the script failed; nil when it did not.
    private func problem(_ lines: [TestHost.Line]) -> String? {
        if self.isStuck { return "the script waits for what never comes" }
        guard self.stream.errors > 0 || self.hasFailed else { return nil }
        return lines.last { $0.level == .error }?.message ?? "the script failed"
    }

    private static func describe(_ line: TestHost.Line) -> ConfigNode {
        .object(["level": ConfigNode("\(line.level)"), "message": ConfigNode(line.message)])
    }

    private static func describe(_ callout: Callout) -> ConfigNode {
        .object([
            "service": ConfigNode(callout.service), "method": ConfigNode(callout.head.method.string),
            "path": ConfigNode(callout.head.path.string),
            "authority": ConfigNode(callout.head.authority.string),
            "fields": ConfigNode(fields: callout.head),
            "body": ConfigNode(String(decoding: callout.body, as: UTF8.self)),
            "timeout_ms": ConfigNode(.integer(Int(callout.timeout / 1_000_000))),
        ])
    }
}
