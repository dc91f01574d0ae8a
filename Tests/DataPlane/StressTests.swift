internal import Filtering
internal import Foundation
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    /// Clients and services that cut, stop and vanish at random places; worth most under a sanitizer.
    @Suite struct StressTests {
        /// What a request's filters do is written in its path.
        private static let hooks: [String: Hooks] = {
            let pausing = Hooks(
                requestHead: { stream, slot, _ in
                    guard stream.request.path.string.contains("pause") else { return .continue }
                    stream.resumeSoon(.request, slot)
                    return .pause
                },
                requestBody: { stream, slot, _ in
                    guard stream.request.path.string.contains("pause") else { return .continue }
                    stream.resumeSoon(.request, slot)
                    return .pause
                },
                responseBody: { stream, slot, _ in
                    guard stream.request.path.string.contains("pause") else { return .continue }
                    stream.resumeSoon(.response, slot)
                    return .pause
                })
            let buffering = Hooks(
                requestHead: { stream, _, _ in
                    stream.request.path.string.contains("buffer") ? .buffer : .continue
                },
                requestBody: { stream, _, _ in
                    if stream.request.path.string.contains("buffer") { stream.replaceBody(ByteView("short")) }
                    return .continue
                },
                responseHead: { stream, _, _ in
                    stream.request.path.string.contains("buffer") ? .buffer : .continue
                })
            let answering = Hooks(
                requestHead: { stream, slot, _ in
                    guard stream.request.path.string.contains("later") else { return .continue }
                    stream.worker.post(stream.id) {
                        _ = $0.respond(LocalResponse(status: 403, body: [0x61], details: "later"))
                    }
                    return .pause
                },
                responseBody: { stream, _, _ in
                    if stream.request.path.string.contains("fail") { return .failed }
                    return .continue
                })
            return ["one": pausing, "two": buffering, "three": answering]
        }()

        private let backend: RawBackend
        private let worker: WorkerUnderTest

        init() throws {
            self.backend = try RawBackend()
            self.worker = try WorkerUnderTest(
                WorkerUnderTest.relay(
                    to: self.backend, filters: ["one", "two", "three"],
                    service: "pool: { maxConnections: 3 }\n    timeouts: { connect: 20s }"),
                filters: Self.hooks
            )
            self.backend.on("/large") { connection, head in
                _ = try connection.finish(head)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n")
                try connection.send([UInt8](repeating: 0x78, count: 300_000))
                return true
            }
            self.backend.on("/early") { connection, _ in
                try connection.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
                return false
            }
            self.backend.on("/cut") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\nhalf")
                return false
            }
            self.backend.on("/none") { _, _ in false }
        }

        private static func request(_ random: inout RandomSource) -> [UInt8] {
            let paths = ["/", "/large", "/early", "/cut", "/none"]
            let marks = ["", "?pause", "?buffer", "?later", "?fail", "?pause-buffer", "?buffer-fail"]
            let target = paths[Int(random.next() % 5)] + marks[Int(random.next() % 7)]
            let size = Int(random.next() % 3) * Int(random.next() % 20_000)
            let body = String(repeating: "b", count: size)
            let head =
                switch random.next() % 3 {
                case 0: "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
                case 1: "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n\(body)"
                default:
                    "POST \(target) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + (size > 0 ? "\(String(size, radix: 16))\r\n\(body)\r\n" : "") + "0\r\n\r\n"
                }
            return Array(head.utf8)
        }

        /// One client: some requests in random pieces, then an end of some kind.
        private func visit(_ random: inout RandomSource) throws {
            let client = try self.worker.connect()
            for _ in 0...random.next() % 3 {
                var bytes = Self.request(&random)[...]
                // Some are never finished.
                if random.next() % 4 == 0 { bytes = bytes.prefix(Int(random.next() % UInt64(bytes.count))) }
                while !bytes.isEmpty {
                    let piece = bytes.prefix(1 + Int(random.next() % 8192))
                    try client.send(Array(piece))
                    bytes = bytes.dropFirst(piece.count)
                }
                if random.next() % 2 == 0, client.hasInput(within: 2) { _ = try client.socket.read() }
            }
            switch random.next() % 3 {
            case 0: client.reset()
            case 1: client.socket.close()
            default:
                client.socket.endWriting()
                if client.hasInput(within: 5) { _ = try client.socket.read() }
            }
        }

        @Test("Whatever clients and services do, the next request is served and nothing stays behind")
        func survives() throws {
            let visitors = 4
            let done = Mutex(0)
            for visitor in 0..<visitors {
                Thread.detachNewThread {
                    var random = RandomSource(seed: (UInt64(visitor), 2, 3, 4))
                    for _ in 0..<100 { try? self.visit(&random) }
                    done.withLock { $0 += 1 }
                }
            }
            #expect(eventually { done.withLock { $0 } == visitors })
            for _ in 0..<10 { #expect(try self.worker.ask("/").text == "backend") }
            #expect(
                eventually {
                    self.worker.onWorker { $0.exchanges.count - $0.spareExchanges.count } == 0
                })
        }
    }
}
