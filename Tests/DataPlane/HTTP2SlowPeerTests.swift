internal import Filtering
internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    /// Peers of HTTP/2 that take their time: what they cost others, and us.
    @Suite struct HTTP2SlowPeerTests {
        @Test("Downloads that nobody reads do not stop other users of the connection to the service")
        func slowDownloads() throws {
            let backend = try HTTP2Backend()
            backend.on("/large") { connection, stream in
                try connection.respond(stream, body: "", end: false)
                // All that the stream's window takes, whatever the connection's is.
                for number in 1...16 {
                    try connection.send(
                        HTTP2Frames.data(stream, String(repeating: "x", count: 16_384), end: number == 16))
                }
            }
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: backend))
            let (slow, other) = (
                try worker.connectHTTP2(opensWindows: false), try worker.connectHTTP2()
            )
            let streams = try (0..<8).map { _ in try slow.request("/large") }
            try slow.read { streams.allSatisfy { slow[$0].hasHead } }
            for _ in 0..<4 { #expect(try other.ask().text == "backend") }
            #expect(backend.connections.count == 1)
            try slow.send(HTTP2Frames.windowUpdate(0, 1 << 30))
            for stream in streams {
                try slow.send(HTTP2Frames.windowUpdate(stream, 1 << 30))
                let answer = try slow.finish(stream)
                #expect(answer.reset == nil)
                #expect(answer.body.count == 16 * 16_384)
            }
        }

        // MARK: Answers that nobody reads

        /// Answers everything with a long head, which no table takes.
        private func longHeads(listener: String = "") throws -> WorkerUnderTest {
            let value = String(repeating: "x", count: 5000)
            return try WorkerUnderTest(
                """
                version: 1
                listeners: [{ name: public, address: "127.0.0.1:0"\(listener) }]
                routes:
                  - name: all
                    rules:
                      - directResponse: { status: 204, headers: { x-long: "\(value)" } }
                """, sendBuffer: 4096)
        }

        /// Asks so often that neither the gateway nor the kernel can take all answers.
        private func askOften(_ worker: WorkerUnderTest) throws -> (client: RawHTTP2, streams: [UInt32]) {
            let client = try RawHTTP2(try worker.connect(receiveBuffer: 4096))
            let streams = (0..<2000).map { _ in client.takeNumber() }
            let request = [(":method", "HEAD"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
            try client.send(streams.flatMap { HTTP2Frames.headers($0, request) })
            return (client, streams)
        }

        @Test("A client that asks and does not read is not read either, until it has read its answers")
        func unreadAnswers() throws {
            let worker = try self.longHeads()
            let (client, streams) = try self.askOften(worker)
            #expect(eventually { worker.onWorker { $0.connections.first?.isReadingPaused } == true })
            // Of ten megabytes of answers hardly more than the limit of 320 KiB is there.
            let unsent = try #require(worker.onWorker { $0.connections.first?.unsentBytes ?? 0 })
            #expect((300_000..<400_000).contains(unsent), "\(unsent)")
            for stream in streams { #expect(try client.finish(stream).status == 204) }
            try client.roundTrip()
            #expect(client.goAways.isEmpty)
            #expect(worker.onWorker { $0.connections.first?.isReadingPaused } == false)
        }

        @Test("A client that never reads its answers is given up after the time that a body has")
        func neverRead() throws {
            let worker = try self.longHeads(listener: ", timeouts: { body: 200ms }")
            let (client, _) = try self.askOften(worker)
            #expect(eventually { worker.onWorker { $0.connections.isEmpty } == true })
            client.readToEnd()
        }

        // MARK: Silence, of one side and of both

        /// So long that a machine that stands still for a moment is not taken for a silent client.
        private static let body = "2s"

        /// A worker, and a backend behind it whose answer to `/watch` begins at once and then is `rest`.
        private func watch(
            isHTTP2: Bool, body: String, idle: String = "5m",
            rest: @escaping @Sendable (_ say: (String) throws -> Void) throws -> Void
        ) throws -> (worker: WorkerUnderTest, backend: AnyObject) {
            let listener = "timeouts: { body: \(body) }"
            let service = "timeouts: { idle: \(idle) }"
            if isHTTP2 {
                let backend = try HTTP2Backend()
                backend.on("/watch") { connection, stream in
                    try connection.respond(stream, body: "a", end: false)
                    try rest { try connection.send(HTTP2Frames.data(stream, $0)) }
                    try connection.send(HTTP2Frames.data(stream, "", end: true))
                }
                let plan = WorkerUnderTest.relay(to: backend, listener: listener, service: service)
                return (try WorkerUnderTest(plan), backend)
            }
            let backend = try RawBackend()
            backend.on("/watch") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\n\r\na")
                try rest { try connection.send($0) }
                return false
            }
            let plan = WorkerUnderTest.relay(to: backend, listener: listener, service: service)
            return (try WorkerUnderTest(plan), backend)
        }

        @Test(
            "A client that keeps its side open may be silent while the service talks",
            arguments: [true, false])
        func silentClient(isHTTP2: Bool) throws {
            let (worker, backend) = try self.watch(isHTTP2: isHTTP2, body: Self.body) { say in
                for _ in 0..<8 {
                    usleep(400_000)  // Together longer than `body`.
                    try say("b")
                }
            }
            let client = try worker.connectHTTP2()
            let stream = try client.request("/watch", method: "POST", body: "1", end: false)
            let answer = try client.finish(stream)
            #expect(answer.text == "abbbbbbbb")
            #expect(answer.isEnded)
            #expect(answer.reset == nil)
            withExtendedLifetime(backend) {}
        }

        @Test(
            "A call in which neither side says anything ends with the service's time",
            arguments: [true, false])
        func bothSilent(isHTTP2: Bool) throws {
            let gate = Gate()
            let hasSpoken = Lock(false)
            let (worker, backend) = try self.watch(isHTTP2: isHTTP2, body: "5m", idle: "500ms") { _ in
                defer { hasSpoken.withLock { $0 = true } }
                try gate.wait()
            }
            let client = try worker.connectHTTP2()
            let stream = try client.request("/watch", method: "POST", body: "1", end: false)
            try client.read { client[stream].isOver }
            #expect(client[stream].text == "a")
            #expect(client[stream].reset == "INTERNAL_ERROR")
            #expect(!hasSpoken.withLock { $0 })
            gate.open()
            withExtendedLifetime(backend) {}
        }

        /// Answers `/watch` with more than a client takes that opens no window, and ends with the gate.
        private func large(_ gate: Gate) throws -> (worker: WorkerUnderTest, backend: AnyObject) {
            try self.watch(isHTTP2: false, body: Self.body) { say in
                try say(String(repeating: "x", count: 99_999))
                try gate.wait()
            }
        }

        @Test("A client that reads slowly, and keeps its side open, gets all")
        func slowReader() throws {
            let gate = Gate()
            let (worker, backend) = try self.large(gate)
            let client = try worker.connectHTTP2(opensWindows: false)
            let stream = try client.request("/watch", method: "POST", body: "1", end: false)
            try client.read { client[stream].body.count == 65_535 }
            let start = MonotonicTime.now()
            while MonotonicTime.now().since(start) < 3_000_000_000, client[stream].reset == nil {
                let before = client[stream].body.count
                try client.send(HTTP2Frames.windowUpdate(stream, 100), HTTP2Frames.windowUpdate(0, 100))
                try client.read { client[stream].body.count > before || client[stream].isOver }
                usleep(20_000)
            }
            gate.open()
            try client.send(HTTP2Frames.windowUpdate(stream, 100_000), HTTP2Frames.windowUpdate(0, 100_000))
            let answer = try client.finish(stream)
            #expect(answer.reset == nil)
            #expect(answer.body.count == 100_000)
            withExtendedLifetime(backend) {}
        }

        @Test("A client that does not read loses its stream, however much it talks itself")
        func talkingClient() throws {
            let gate = Gate()
            let (worker, backend) = try self.large(gate)
            let client = try worker.connectHTTP2(opensWindows: false)
            let stream = try client.request("/watch", method: "POST", body: "1", end: false)
            try client.read { client[stream].body.count == 65_535 }
            let isReset = try eventually {
                try client.send(HTTP2Frames.data(stream, "2"))
                while client.connection.hasInput(within: 50) { try client.readFrame() }
                return client[stream].reset != nil
            }
            #expect(isReset)
            gate.open()
            withExtendedLifetime(backend) {}
        }
    }
}
