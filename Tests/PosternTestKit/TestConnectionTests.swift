import PosternSDK
import PosternTestKit
import Testing

/// Does to a connection what its client says in its first line, as the gateway's own test of network filters
/// has it.
private struct LineFilter: NetworkFilter {
    struct Config: Decodable, Sendable {}
    struct ConnectionState { var hasLine = false }

    static let name = "lines"
    static let version = "0.1.0"
    static let schema = "{}"

    private let source: Attribute
    private let other: Service
    private let lines: Counter
    private let log: Log

    init(config: Config, host: borrowing FilterHost) throws {
        self.source = try host.attribute("source.address")
        self.other = try host.service("other")
        self.log = host.log
        self.lines = try host.counter("lines_total", help: "First lines.")
    }

    func makeConnectionState() -> ConnectionState { ConnectionState() }

    func newConnection(_: inout NewConnection, _: inout ConnectionState) throws -> NetworkAction { .more }

    func data(
        _ data: inout ConnectionData, _ state: inout ConnectionState, endOfStream: Bool
    ) throws -> NetworkAction {
        if state.hasLine || data.direction == .response { return .continue }
        let text = data.bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        guard let end = text.firstIndex(of: "\n") else { return .more }
        state.hasLine = true
        data.add(to: self.lines)
        let rest = String(text[text.index(after: end)...])
        switch text[..<end] {
        case "greet": data.write(.response, "greetings\n")
        case "other": data.choose(self.other)
        case "source": data.write(.response, data.text(self.source) ?? "nobody")
        case "wait":
            data.replace(with: rest)
            data.setTimer(.seconds(1)) { $0.resume(.request) }
            return .pause
        case "close": data.close(details: "as_asked")
        case "fail": throw ConfigProblem("", "as asked")
        default: break
        }
        data.replace(with: rest)
        return .continue
    }

    func complete(_ connection: inout EndedConnection, _: inout ConnectionState) {
        self.log(.info, "over: \(connection.text(self.source) ?? "-")")
    }
}

@Suite struct TestConnectionTests {
    private let host = TestHost()

    private func connect() throws -> TestConnection {
        try self.host.configure(LineFilter.self).connect(attributes: ["source.address": "10.0.0.1"])
    }

    @Test("What a filter asks to see again comes with more behind it, and no service is asked before")
    func more() throws {
        let connection = try self.connect()
        connection.send("pl")
        #expect(connection.actions == [.more, .more])
        #expect(!connection.isServiceAsked)
        #expect(!connection.send("early", from: .service))
        connection.send("ain\nhello")
        #expect(connection.isServiceAsked)
        #expect(connection.received(by: .service) == "hello")
        connection.send("and back", from: .service)
        #expect(connection.received(by: .client) == "and back")
        #expect(self.host.metric("lines_total") == 1)
    }

    @Test("A filter sends bytes of its own, chooses a service, and reads attributes")
    func calls() throws {
        let greeted = try self.connect()
        greeted.send("greet\n")
        #expect(greeted.received(by: .client) == "greetings\n")
        let sent = try self.connect()
        sent.send("other\nhello")
        #expect(sent.service == "other")
        let known = try self.connect()
        known.send("source\n")
        #expect(known.received(by: .client) == "10.0.0.1")
    }

    @Test("A pause holds what comes in its direction until the filter resumes")
    func pause() throws {
        let connection = try self.connect()
        connection.send("wait\none ")
        #expect(connection.isPaused(.client))
        connection.send("two", end: true)
        #expect(connection.received(by: .service).isEmpty)
        self.host.advance(by: .seconds(1))
        #expect(!connection.isPaused(.client))
        #expect(connection.received(by: .service) == "one two")
        #expect(connection.isEnded(for: .service))
        #expect(!connection.send("three"))
    }

    @Test("A filter closes a connection, or fails, and learns of every end")
    func ends() throws {
        let closed = try self.connect()
        closed.send("close\nhello")
        #expect(closed.isOver && !closed.isReset && closed.details == "as_asked")
        #expect(closed.received(by: .service).isEmpty)
        let failed = try self.connect()
        failed.send("fail\n")
        #expect(failed.isReset && failed.details == "filter_failed")
        let ended = try self.connect()
        ended.send("x\n", end: true)
        #expect(!ended.isOver)
        ended.send("bye", from: .service, end: true)
        #expect(ended.isOver && ended.details == nil)
        _ = try self.connect()
        let lines = self.host.log.map(\.message)
        #expect(lines.count { $0 == "over: 10.0.0.1" } == 4)
        #expect(lines.contains { $0.hasPrefix("data failed: ") })
    }

    @Test("A filter that wants more and more is stopped")
    func limit() throws {
        let connection = try self.connect()
        connection.send(String(repeating: "x", count: 70_000))
        #expect(connection.details == "network_filter_wants_too_much")
    }
}
