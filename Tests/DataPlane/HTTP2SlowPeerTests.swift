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
    }
}
