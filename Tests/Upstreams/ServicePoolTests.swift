import GatewayConfig
import Primitives
import TestSupport
import Testing
import Upstreams

@Suite(.ownThread) struct ServicePoolTests {
    private let backend: RawBackend

    init() throws { self.backend = try RawBackend("hello") }

    private func report(_ test: PoolUnderTest) throws -> EndpointReport {
        try #require(test.pool.reports.first)
    }

    @Test("A connection is made, answers, and is used again")
    func reuse() throws {
        let test = try PoolUnderTest([self.backend.address])
        for _ in 0..<3 {
            let sink = RecordingSink()
            test.ask(sink)
            #expect(try self.report(test).activeRequests == 1)
            test.run { sink.isOver }
            #expect(sink.events == ["200", "hello", "ended"])
        }
        let report = try self.report(test)
        #expect((report.connections, report.idleConnections, report.connectionsMade) == (1, 1, 1))
        #expect(report.activeRequests == 0)
        #expect(test.pool.isEmpty == false)
    }

    @Test("The connection used last is used first")
    func lastUsedFirst() throws {
        let test = try PoolUnderTest([self.backend.address])
        let sinks = [RecordingSink(), RecordingSink()]
        for sink in sinks { test.ask(sink) }
        test.run { sinks.allSatisfy(\.isOver) }
        let last = RecordingSink()
        test.ask(last)
        test.run { last.isOver }
        let next = RecordingSink()
        test.ask(next)
        #expect(next.stream === last.stream)
        test.run { next.isOver }
        #expect(try self.report(test).connections == 2)
    }

    @Test("With every connection in use requests wait in their order")
    func waiting() throws {
        let test = try PoolUnderTest([self.backend.address], limits: PoolLimits(maxConnections: 1))
        let sinks = (0..<4).map { _ in RecordingSink() }
        for (number, sink) in sinks.enumerated() { test.ask(sink, "/\(number)") }
        #expect(sinks.map { $0.events.first } == [nil, "waits", "waits", "waits"])
        test.pool.cancel(sinks[2])
        test.run { sinks[3].isOver }
        #expect(sinks[1].events == ["waits", "available", "200", "hello", "ended"])
        #expect(sinks[2].events == ["waits"])
        #expect(self.backend.takeRequests().map(\.target) == ["/0", "/1", "/3"])
        #expect(try self.report(test).connectionsMade == 1)
    }

    @Test("Only so many requests wait, and each only as long as a connect may take")
    func waitingLimits() throws {
        let held = Gate()
        self.backend.on("/held") { _, _ in
            try held.wait()
            return false
        }
        let test = try PoolUnderTest(
            [self.backend.address], limits: PoolLimits(maxConnections: 1),
            timeouts: ServiceTimeouts(connect: .milliseconds(200)))
        let first = RecordingSink()
        test.ask(first, "/held")
        test.run { self.backend.receivedCount > 0 }
        let sinks = (0..<1_025).map { _ in RecordingSink() }
        for sink in sinks { test.ask(sink) }
        #expect(sinks.filter { $0.events == ["waits"] }.count == 1_024)
        #expect(sinks.last?.events == ["failed poolFull"])
        test.run { sinks.allSatisfy(\.isOver) }
        #expect(sinks[0].events == ["waits", "failed poolFull"])
        #expect(!first.isOver)
        held.open()
        test.run { first.isOver }
    }

    @Test("A refused connect gives back what was to be sent, and counts")
    func refused() throws {
        let address = self.backend.address
        let deadEnd = try DeadEnd.refusing()
        let test = try PoolUnderTest([deadEnd.address, address])
        let sink = RecordingSink()
        var tried = TriedEndpoints()
        while !sink.isOver {
            test.ask(sink)
            test.run { sink.isOver }
            if sink.unsent == nil { sink.events = [] }
        }
        #expect(sink.unsent == "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(test.pool.reports.map(\.connectFailures) == [1, 0])
        tried.insert(sink.slot)
        let next = RecordingSink()
        guard case .stream(let connection) = test.acquire(next, excluding: tried) else {
            Issue.record("the other endpoint was not picked")
            return
        }
        #expect(connection.address.string == address)
        next.send(connection)
        test.run { next.isOver }
    }

    @Test("A Unix socket that is not there fails at once, and counts")
    func refusedAtOnce() throws {
        let test = try PoolUnderTest(["unix:/tmp/postern-nobody-\(UInt32.random(in: 0 ... .max))"])
        let sink = RecordingSink()
        test.ask(sink)
        #expect(sink.events.first?.hasPrefix("failed connectFailed") == true)
        #expect(try self.report(test).connectFailures == 1)
        #expect(test.pool.isEmpty)
    }

    @Test("An idle connection that the service closes is forgotten")
    func closedWhileIdle() throws {
        let test = try PoolUnderTest([self.backend.address])
        let sink = RecordingSink()
        test.ask(sink)
        test.run { sink.isOver }
        self.backend.dropConnections()
        test.run { test.pool.isEmpty }
        #expect(try self.report(test).idleConnections == 0)
    }

    @Test("Bytes that belong to no request close the connection", arguments: [true, false])
    func strayBytes(isBehindResponse: Bool) throws {
        self.backend.on("/stray") { connection, _ in
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            // Once the answer has been read, or right behind it.
            if !isBehindResponse { _ = connection.hasInput(within: 50) }
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return try connection.isAtEnd()
        }
        let test = try PoolUnderTest([self.backend.address])
        let sink = RecordingSink()
        test.ask(sink, "/stray")
        test.run { sink.isOver }
        #expect(sink.events == ["200", "ended"])
        test.run { test.pool.isEmpty }
    }

    @Test("An update keeps the connections of endpoints that stay, and closes those of others")
    func update() throws {
        let other = try RawBackend("other")
        let test = try PoolUnderTest([self.backend.address, other.address])
        let sinks = [RecordingSink(), RecordingSink()]
        for sink in sinks { test.ask(sink) }
        test.run { sinks.allSatisfy(\.isOver) }
        try test.update([other.address])
        test.run { self.backend.connections.allSatisfy(\.isOver) }
        #expect(test.pool.reports.map(\.address) == [other.address])
        #expect(test.pool.reports.map(\.idleConnections) == [1])
        let sink = RecordingSink()
        test.ask(sink)
        test.run { sink.isOver }
        #expect(sink.events.contains("other"))
        #expect(test.pool.reports.map(\.connectionsMade) == [1])
    }

    @Test("A service that is no longer configured finishes what it has begun, and takes no more")
    func retire() throws {
        let gate = Gate()
        self.backend.on("/held") { connection, _ in
            try gate.wait()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
            return true
        }
        let test = try PoolUnderTest([self.backend.address], limits: PoolLimits(maxConnections: 1))
        let (first, waiting, late) = (RecordingSink(), RecordingSink(), RecordingSink())
        test.ask(first, "/held")
        test.ask(waiting)
        test.retire()
        #expect(waiting.events == ["waits", "failed noEndpoint"])
        test.ask(late)
        #expect(late.events == ["failed noEndpoint"])
        gate.open()
        test.run { first.isOver }
        #expect(first.events == ["200", "held", "ended"])
        test.run { test.pool.isEmpty }
    }

    @Test("A request that is given up closes its connection, whose answer is still to come")
    func abandon() throws {
        let gate = Gate()
        self.backend.on("/held") { connection, _ in
            try gate.wait()
            return false
        }
        let test = try PoolUnderTest([self.backend.address])
        let sink = RecordingSink()
        test.ask(sink, "/held")
        test.run { self.backend.receivedCount > 0 }
        sink.stream?.abandon()
        sink.stream = nil
        #expect(test.pool.isEmpty)
        #expect(try self.report(test).activeRequests == 0)
        #expect(sink.events.isEmpty)
        gate.open()
    }
}
