internal import Filtering
internal import Foundation
internal import Primitives
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
    }
}
