import Filtering
import GatewayConfig
import HTTPCodec
import Primitives
import TestSupport
import Testing
import Upstreams

/// What becomes of requests and connections when a service of HTTP/2 behaves in one way or another.
@Suite(.ownThread) struct HTTP2ServiceTests {
    private let backend: HTTP2Backend

    init() throws { self.backend = try HTTP2Backend("hello") }

    private func pool(
        limits: PoolLimits = PoolLimits(), timeouts: ServiceTimeouts = ServiceTimeouts(),
        http2: HTTP2Options = HTTP2Options()
    ) throws -> PoolUnderTest {
        try PoolUnderTest(
            [self.backend.address], limits: limits, timeouts: timeouts, speaking: .http2, http2: http2)
    }

    private func made(_ test: PoolUnderTest) -> Int { test.pool.reports.map(\.connectionsMade).reduce(0, +) }

    /// What a request for `path` meets.
    private func outcome(_ test: PoolUnderTest, _ path: String = "/") -> RecordingSink {
        let sink = RecordingSink()
        test.ask(sink, path)
        test.run { sink.isOver }
        sink.events.removeAll { ["waits", "available"].contains($0) }
        return sink
    }

    @Test("Trailers pass, and informational responses do not end a request")
    func trailers() throws {
        self.backend.on("/trailers") { connection, stream in
            try connection.respond(stream, status: 103, end: false)
            try connection.respond(stream, body: "abc", end: false)
            try connection.send(HTTP2Frames.headers(stream, [("grpc-status", "0")]))
        }
        let sink = self.outcome(try self.pool(), "/trailers")
        #expect(sink.events == ["200", "abc", "trailers grpc-status=0", "ended"])
    }

    @Test("A request that the service resets fails alone, with the service's code")
    func reset() throws {
        self.backend.on("/reset") { connection, stream in
            try connection.send(HTTP2Frames.reset(stream, 2))
        }
        let test = try self.pool()
        let sink = self.outcome(test, "/reset")
        #expect(sink.events == ["failed \(UpstreamError.Code.reset(.internalError))"])
        #expect(sink.retry == .never)
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 1)
    }

    @Test("A request that the service refuses to look at may be sent again")
    func refused() throws {
        self.backend.on("/refused") { connection, stream in
            try connection.send(HTTP2Frames.reset(stream, 7))
        }
        let sink = self.outcome(try self.pool(), "/refused")
        #expect(sink.events == ["failed \(UpstreamError.Code.reset(.refusedStream))"])
        #expect(sink.retry == .always)
    }

    @Test("After GOAWAY requests above its number may be sent again, others go on, and new ones go elsewhere")
    func goAway() throws {
        let first = Lock<UInt32>(0)
        self.backend.on("/first") { connection, stream in first.withLock { $0 = stream } }
        self.backend.on("/second") { connection, stream in
            try connection.send(HTTP2Frames.goAway(first.withLock { $0 }))
        }
        let test = try self.pool()
        let (kept, dropped) = (RecordingSink(), RecordingSink())
        test.ask(kept, "/first")
        test.run { first.withLock { $0 } > 0 }
        test.ask(dropped, "/second")
        test.run { dropped.isOver }
        #expect(dropped.events == ["failed \(UpstreamError.Code.reset(.refusedStream))"])
        #expect(dropped.retry == .always)
        #expect(!kept.isOver)
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 2)
        let old = try #require(self.backend.connections.first?.connection)
        try old.respond(first.withLock { $0 }, body: "end")
        test.run { kept.isOver }
        #expect(kept.events.suffix(3) == ["200", "end", "ended"])
        test.run { self.backend.connections[0].isOver }
        #expect(old.goAways == ["GOAWAY 0 NO_ERROR"])
    }

    @Test("A service that says GOAWAY as soon as it is connected to is not asked for ever")
    func goAwayAtOnce() throws {
        let listener = try HTTP2Backend(greetsWith: HTTP2Frames.settings() + HTTP2Frames.goAway(0))
        let test = try PoolUnderTest(
            [listener.address], timeouts: ServiceTimeouts(connect: .milliseconds(200)), speaking: .http2)
        let sink = RecordingSink()
        test.ask(sink)
        test.run { sink.isOver }
        #expect(sink.events.last == "failed poolFull")
    }

    @Test("A connection that ends in the middle fails its requests, and the next gets another")
    func connectionEnds() throws {
        self.backend.on("/end") { connection, _ in connection.connection.socket.shutdown() }
        let test = try self.pool()
        let first = self.outcome(test, "/end")
        #expect(first.events.last?.hasPrefix("failed closed") == true)
        #expect(first.retry == .never)
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 2)
        // The connection was used before: the service may have given it up before the request came.
        #expect(self.outcome(test, "/end").retry == .ifIdempotent)
    }

    @Test("What breaks the protocol of a connection fails its requests, and says how")
    func connectionError() throws {
        self.backend.on("/broken") { connection, stream in
            try connection.send(HTTP2Frames.data(0, "x"))
        }
        let test = try self.pool()
        let sink = self.outcome(test, "/broken")
        #expect(sink.events.last?.contains("http2.data_without_stream") == true)
        test.run { self.backend.connections[0].isOver }
        #expect(self.backend.connections[0].connection?.goAways == ["GOAWAY 0 PROTOCOL_ERROR"])
    }

    @Test("A malformed response fails its request alone")
    func streamError() throws {
        self.backend.on("/broken") { connection, stream in
            try connection.send(HTTP2Frames.headers(stream, [(":status", "abc")]))
        }
        let test = try self.pool()
        #expect(self.outcome(test, "/broken").events.last?.contains("http2.bad_status") == true)
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 1)
        #expect(self.backend.connections[0].connection?[1].reset == "PROTOCOL_ERROR")
    }

    @Test("A request that is given up is reset, and its connection goes on")
    func abandon() throws {
        let came = Gate()
        self.backend.on("/held") { _, _ in came.open() }
        let test = try self.pool()
        let sink = RecordingSink()
        test.ask(sink, "/held")
        test.run { came.isOpen }
        sink.stream?.abandon()
        test.run { self.backend.connections[0].connection?[1].reset == "CANCEL" }
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 1)
        #expect(test.pool.reports.map(\.activeRequests) == [0])
    }

    @Test("An answer that comes before the request is complete stands, and the rest is not sent")
    func earlyAnswer() throws {
        self.backend.on("/early") { connection, stream in try connection.respond(stream, status: 403) }
        let test = try self.pool()
        let sink = RecordingSink()
        sink.method = "POST"
        sink.framing = .chunked
        test.ask(sink, "/early")
        test.run { sink.isOver }
        #expect(sink.events == ["waits", "available", "403", "ended"])
        test.run { self.backend.connections[0].connection?[1].reset == "CANCEL" }
    }

    @Test("A body goes as far as the service's window, and on when that is opened")
    func window() throws {
        let backend = try HTTP2Backend(opensWindows: false)
        let came = Lock<(RawHTTP2, UInt32)?>(nil)
        backend.on("/body") { connection, stream in came.withLock { $0 = (connection, stream) } }
        let test = try PoolUnderTest([backend.address], speaking: .http2)
        let sink = RecordingSink()
        sink.method = "POST"
        sink.framing = .chunked
        test.ask(sink, "/body")
        test.run { came.withLock { $0 } != nil }
        let stream = try #require(sink.stream)
        let (connection, number) = try #require(came.withLock { $0 })
        [UInt8](repeating: 0x78, count: 100_000).withByteView { stream.sendBody($0, endOfStream: true) }
        test.run { connection[number].body.count == 65_535 }
        #expect(stream.isWriteBlocked)
        try connection.send(HTTP2Frames.windowUpdate(0, 50_000), HTTP2Frames.windowUpdate(number, 50_000))
        test.run { connection[number].isEnded }
        #expect(connection[number].body.count == 100_000)
        #expect(sink.drains > 0)
    }

    @Test("A response that nobody reads is not asked for beyond its window")
    func paused() throws {
        let backend = try HTTP2Backend()
        let came = Lock<(RawHTTP2, UInt32)?>(nil)
        backend.on("/large") { connection, stream in
            try connection.respond(stream, end: false)
            let part = String(repeating: "x", count: 16_384)
            for _ in 0..<4 { try connection.send(HTTP2Frames.data(stream, part)) }
            came.withLock { $0 = (connection, stream) }
        }
        let test = try PoolUnderTest(
            [backend.address], speaking: .http2, http2: HTTP2Options(streamWindow: .kibibytes(64)))
        let sink = RecordingSink()
        test.ask(sink, "/large")
        test.run { sink.stream != nil }
        sink.stream?.pauseReading()
        test.run { came.withLock { $0 } != nil }
        let (connection, stream) = try #require(came.withLock { $0 })
        // An answer to this says that what came before has been looked at.
        try connection.send(HTTP2Frames.ping())
        test.run { connection.frames.contains("PING ACK") }
        #expect(!connection.frames.contains { $0.hasPrefix("WINDOW_UPDATE \(stream)") })
        sink.stream?.resumeReading()
        test.run { connection.frames.contains { $0.hasPrefix("WINDOW_UPDATE \(stream)") } }
        try connection.send(HTTP2Frames.data(stream, "", end: true))
        test.run { sink.isOver }
        let body = sink.events.filter { $0.hasPrefix("x") }.joined()
        #expect(body.utf8.count == 65_536)
    }

    @Test("A service may be allowed more or less that is of no use than others", arguments: [10, 1000])
    func floodLimits(frames: Int) throws {
        self.backend.on("/pings") { connection, stream in
            try connection.send((0..<40).flatMap { _ in HTTP2Frames.ping() })
            try connection.respond(stream, body: "abc")
        }
        let test = try self.pool(http2: HTTP2Options(floodLimits: HTTP2FloodOptions(controlFrames: frames)))
        let sink = self.outcome(test, "/pings")
        let connection = try #require(self.backend.connections[0].connection)
        if frames == 10 {
            #expect(sink.events.first?.hasPrefix("failed") == true)
            test.run { !connection.goAways.isEmpty }
            #expect(connection.goAways == ["GOAWAY 0 ENHANCE_YOUR_CALM"])
        } else {
            #expect(sink.events == ["200", "abc", "ended"])
        }
    }

    @Test("An unused connection is closed in time, whatever the service says meanwhile")
    func idle() throws {
        let test = try self.pool(limits: PoolLimits(idleTimeout: .milliseconds(300)))
        _ = self.outcome(test)
        let connection = try #require(self.backend.connections[0].connection)
        test.run {
            try? connection.send(HTTP2Frames.ping())
            return test.pool.isEmpty
        }
        test.run { self.backend.connections[0].isOver }
        #expect(connection.goAways == ["GOAWAY 0 NO_ERROR"])
    }

    @Test(
        "A service that answers PING keeps its requests, one that does not loses them",
        arguments: [true, false])
    func keepAlive(answers: Bool) throws {
        self.backend.on("/long") { connection, stream in
            if answers {
                try connection.read { connection.frames.filter { $0 == "PING" }.count == 3 }
                try connection.respond(stream, body: "long")
            } else {
                // It reads no more, and so answers nothing.
                while try !connection.connection.socket.read().isEmpty {}
            }
        }
        let test = try self.pool(
            http2: HTTP2Options(
                keepAliveInterval: .milliseconds(50), keepAliveTimeout: .milliseconds(answers ? 10_000 : 100))
        )
        let sink = self.outcome(test, "/long")
        #expect(sink.events.last == (answers ? "ended" : "failed closed(0)"))
    }

    @Test("Without an interval nobody is asked, however long a request takes")
    func noKeepAlive() throws {
        let came = Gate()
        self.backend.on("/long") { _, _ in came.open() }
        let test = try self.pool(limits: PoolLimits(idleTimeout: .milliseconds(100)))
        _ = self.outcome(test)
        let sink = RecordingSink()
        test.ask(sink, "/long")
        test.run { came.isOpen }
        let start = MonotonicTime.now()
        test.run { MonotonicTime.now().since(start) > 300_000_000 }
        let connection = try #require(self.backend.connections[0].connection)
        #expect(!connection.frames.contains("PING"))
        try connection.respond(3)
        test.run { sink.isOver }
    }

    @Test("A silent service loses its request in time, and that alone")
    func idleRequest() throws {
        self.backend.on("/held") { _, _ in }
        let test = try self.pool(timeouts: ServiceTimeouts(idle: .milliseconds(200)))
        #expect(self.outcome(test, "/held").events == ["failed idleTimedOut"])
        #expect(self.outcome(test).events == ["200", "hello", "ended"])
        #expect(self.made(test) == 1)
    }

    // MARK: Reloads

    @Test("An endpoint that a reload removes finishes what it has begun")
    func removed() throws {
        let other = try HTTP2Backend("other")
        let came = Gate()
        self.backend.on("/held") { _, _ in came.open() }
        let test = try self.pool()
        let sink = RecordingSink()
        test.ask(sink, "/held")
        test.run { came.isOpen }
        try test.update([other.address], speaking: .http2)
        #expect(self.outcome(test).events == ["200", "other", "ended"])
        let old = try #require(self.backend.connections[0].connection)
        try old.respond(1, body: "end")
        test.run { sink.isOver }
        #expect(sink.events.suffix(3) == ["200", "end", "ended"])
        test.run { self.backend.connections[0].isOver }
    }

    @Test("A reload while the connection is being made sends those that wait to the new endpoint")
    func removedWhileConnecting() throws {
        let other = try HTTP2Backend("other")
        let test = try self.pool()
        let sink = RecordingSink()
        test.ask(sink)
        try test.update([other.address], speaking: .http2)
        test.run { sink.isOver }
        #expect(sink.events == ["waits", "available", "200", "other", "ended"])
        test.run { self.backend.connections.allSatisfy(\.isOver) }
    }

    @Test(
        "A service that speaks another protocol from now on gets new connections", arguments: [true, false])
    func protocolChanges(toHTTP2: Bool) throws {
        let plain = try RawBackend("plain")
        let (before, after): (ServiceProtocol, ServiceProtocol) =
            toHTTP2 ? (.http1, .http2) : (.http2, .http1)
        let test = try PoolUnderTest(
            [toHTTP2 ? plain.address : self.backend.address], speaking: before)
        #expect(self.outcome(test).events.last == "ended")
        // The same endpoint: it could not answer what it does not speak.
        try test.update([toHTTP2 ? plain.address : self.backend.address], speaking: after)
        test.run { test.pool.isEmpty }
        try test.update([toHTTP2 ? self.backend.address : plain.address], speaking: after)
        #expect(self.outcome(test).events == ["200", toHTTP2 ? "hello" : "plain", "ended"])
    }

    @Test("A service that is gone takes no request, and closes when the last one is answered")
    func retired() throws {
        let came = Gate()
        self.backend.on("/held") { _, _ in came.open() }
        let test = try self.pool()
        let (first, late) = (RecordingSink(), RecordingSink())
        test.ask(first, "/held")
        test.run { came.isOpen }
        test.retire()
        test.ask(late)
        #expect(late.events == ["failed noEndpoint"])
        try self.backend.connections[0].connection?.respond(1, body: "end")
        test.run { first.isOver }
        #expect(first.events.last == "ended")
        test.run { test.pool.isEmpty }
    }
}
