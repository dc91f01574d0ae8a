import GatewayConfig
import HTTPCodec
import Primitives
import TestSupport
import Testing
import Upstreams

/// Which connection a request of HTTP/2 takes.
@Suite(.ownThread) struct HTTP2PoolTests {
    private let backend: HTTP2Backend

    init() throws { self.backend = try HTTP2Backend("hello") }

    private func pool(
        _ addresses: [String]? = nil, limits: PoolLimits = PoolLimits(),
        timeouts: ServiceTimeouts = ServiceTimeouts(), http2: HTTP2Options = HTTP2Options()
    ) throws -> PoolUnderTest {
        try PoolUnderTest(
            addresses ?? [self.backend.address], limits: limits, timeouts: timeouts, speaking: .http2,
            http2: http2)
    }

    private func report(_ test: PoolUnderTest) throws -> EndpointReport {
        try #require(test.pool.reports.first)
    }

    @Test("Requests that come before the connection is there wait for it, and go out together")
    func oneConnection() throws {
        let test = try self.pool()
        let sinks = (0..<50).map { _ in RecordingSink() }
        for (number, sink) in sinks.enumerated() { test.ask(sink, "/\(number)") }
        #expect(sinks.allSatisfy { $0.events == ["waits"] })
        test.run { sinks.allSatisfy(\.isOver) }
        #expect(sinks.allSatisfy { $0.events == ["waits", "available", "200", "hello", "ended"] })
        #expect(self.backend.requests.map(\.path) == (0..<50).map { "/\($0)" })
        let next = RecordingSink()
        test.ask(next)
        test.run { next.isOver }
        #expect(next.events == ["200", "hello", "ended"])
        let report = try self.report(test)
        #expect((report.connections, report.connectionsMade, report.activeRequests) == (1, 1, 0))
        #expect(self.backend.connections.count == 1)
    }

    @Test("More requests than the service takes on one connection get another")
    func streamLimit() throws {
        let backend = try HTTP2Backend(settings: [(3, 2)])
        let held = HeldRequests(backend)
        let test = try self.pool([backend.address])
        let sinks = (0..<5).map { _ in RecordingSink() }
        for sink in sinks { test.ask(sink, "/held") }
        test.run { held.count == 5 }
        #expect(backend.connections.map { $0.connection?.streams.count } == [2, 2, 1])
        try held.answer()
        test.run { sinks.allSatisfy(\.isOver) }
    }

    @Test("Our own limit of streams holds, too")
    func ownStreamLimit() throws {
        let held = HeldRequests(self.backend)
        let test = try self.pool(
            limits: PoolLimits(maxConnections: 2), http2: HTTP2Options(maxConcurrentStreams: 2))
        let sinks = (0..<6).map { _ in RecordingSink() }
        for sink in sinks { test.ask(sink, "/held") }
        test.run { held.count == 4 }
        #expect(try self.report(test).connections == 2)
        #expect(sinks[4...].allSatisfy { $0.events == ["waits"] })
        try held.answer()
        test.run { held.count == 2 }
        try held.answer()
        test.run { sinks.allSatisfy(\.isOver) }
        #expect(try self.report(test).connectionsMade == 2)
    }

    @Test("A request waits only as long as a connect may take when every stream is in use")
    func fullPool() throws {
        let held = HeldRequests(self.backend)
        let test = try self.pool(
            limits: PoolLimits(maxConnections: 1), timeouts: ServiceTimeouts(connect: .milliseconds(200)),
            http2: HTTP2Options(maxConcurrentStreams: 1))
        let (first, second) = (RecordingSink(), RecordingSink())
        test.ask(first, "/held")
        test.run { held.count == 1 }
        test.ask(second, "/held")
        test.run { second.isOver }
        #expect(second.events == ["waits", "failed poolFull"])
        try held.answer()
        test.run { first.isOver }
    }

    @Test("A connect that is refused sends those that wait to another endpoint")
    func refused() throws {
        let deadEnd = try DeadEnd.refusing()
        let test = try self.pool([deadEnd.address, self.backend.address])
        let sinks = (0..<6).map { _ in RecordingSink() }
        for sink in sinks { test.ask(sink) }
        test.run { sinks.allSatisfy(\.isOver) }
        #expect(sinks.allSatisfy { $0.events.suffix(3) == ["200", "hello", "ended"] })
        #expect(test.pool.reports.map(\.connectFailures) == [1, 0])
    }

    @Test("With no endpoint left those that wait are told why")
    func allRefused() throws {
        let test = try self.pool([try DeadEnd.refusing().address])
        let sinks = (0..<3).map { _ in RecordingSink() }
        for sink in sinks { test.ask(sink) }
        test.run { sinks.allSatisfy(\.isOver) }
        for sink in sinks { #expect(sink.events.last?.hasPrefix("failed connectFailed") == true) }
        #expect(test.pool.isEmpty)
    }

    @Test("A service that connects and then says nothing has the time of a connect")
    func silent() throws {
        let silent = try HTTP2Backend(greets: false)
        let test = try self.pool(
            [silent.address], timeouts: ServiceTimeouts(connect: .milliseconds(200)))
        let sink = RecordingSink()
        test.ask(sink)
        test.run { sink.isOver }
        #expect(sink.events == ["waits", "failed connectTimedOut"])
        #expect(test.pool.isEmpty)
    }

    @Test("A service that speaks HTTP/1 is no service of HTTP/2")
    func otherProtocol() throws {
        let backend = try RawBackend()
        backend.on("*", answer: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", thenClose: true)
        let test = try self.pool([backend.address])
        let sink = RecordingSink()
        test.ask(sink)
        test.run { sink.isOver }
        #expect(sink.events.last?.contains("badResponse") == true)
    }

    @Test("A request that waits for one endpoint is not sent to another", arguments: [true, false])
    func wantedEndpoint(isStrict: Bool) throws {
        let other = try HTTP2Backend("other")
        let test = try self.pool([self.backend.address, other.address])
        for _ in 0..<3 {
            let sinks = (0..<3).map { _ in RecordingSink() }
            for sink in sinks {
                switch test.acquire(sink, at: other.address, isStrict: isStrict) {
                case .stream(let stream): sink.send(stream)
                case .waiting: break
                case .failed(let error): Issue.record("\(error)")
                }
            }
            test.run { sinks.allSatisfy(\.isOver) }
            #expect(sinks.allSatisfy { $0.events.contains("other") })
        }
        #expect(self.backend.connections.isEmpty)
    }

    @Test("A strict wish for an endpoint that cannot be connected to fails, and goes nowhere else")
    func strictWish() throws {
        let deadEnd = try DeadEnd.refusing()
        let test = try self.pool([self.backend.address, deadEnd.address])
        let sink = RecordingSink()
        guard case .waiting = test.acquire(sink, at: deadEnd.address) else {
            Issue.record("it does not wait")
            return
        }
        test.run { sink.isOver }
        #expect(sink.events.last?.hasPrefix("failed connectFailed") == true)
        #expect(self.backend.connections.isEmpty)
    }

    @Test("An unused connection makes room for one to another endpoint")
    func roomForAnother() throws {
        let other = try HTTP2Backend("other")
        let test = try self.pool(
            [self.backend.address, other.address], limits: PoolLimits(maxConnections: 1))
        for _ in 0..<4 {
            let sink = RecordingSink()
            test.ask(sink)
            test.run { sink.isOver }
            #expect(sink.events.contains("200"))
        }
        #expect(test.pool.reports.map(\.connectionsMade).reduce(0, +) >= 2)
    }

    @Test("With no connection more allowed a request shares one that is in use")
    func shareAny() throws {
        let other = try HTTP2Backend("other")
        let held = [HeldRequests(self.backend), HeldRequests(other)]
        let test = try self.pool(
            [self.backend.address, other.address], limits: PoolLimits(maxConnections: 1))
        let sinks = (0..<4).map { _ in RecordingSink() }
        test.ask(sinks[0], "/held")
        test.run { held.contains { $0.count > 0 } }
        for sink in sinks[1...] { test.ask(sink, "/held") }
        test.run { held.contains { $0.count == 4 } }
        for requests in held { try requests.answer() }
        test.run { sinks.allSatisfy(\.isOver) }
    }

    @Test("A request that is no longer wanted does not wait on")
    func cancel() throws {
        let test = try self.pool()
        let (kept, dropped) = (RecordingSink(), RecordingSink())
        test.ask(dropped, "/dropped")
        test.ask(kept, "/kept")
        test.pool.cancel(dropped)
        test.run { kept.isOver }
        #expect(dropped.events == ["waits"])
        #expect(self.backend.requests.map(\.path) == ["/kept"])
    }
}

/// Requests for `/held`, which wait until they are answered all at once.
private final class HeldRequests: Sendable {
    private let all = Lock<[(RawHTTP2, UInt32)]>([])

    init(_ backend: HTTP2Backend) {
        backend.on("/held") { [weak self] connection, stream in
            self?.all.withLock { $0.append((connection, stream)) }
        }
    }

    var count: Int { self.all.withLock { $0.count } }

    func answer() throws {
        let requests = self.all.withLock { all in
            defer { all = [] }
            return all
        }
        for (connection, stream) in requests { try connection.respond(stream, body: "late") }
    }
}
