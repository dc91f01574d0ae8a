internal import Filtering
internal import Foundation
internal import Primitives
internal import Reactor
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import DataPlane
@testable internal import Upstreams

extension DataPlaneTests {
    @Suite struct UpstreamTests {
        let backend: RawBackend

        init() throws { self.backend = try RawBackend() }

        private func relay(service: String = "") throws -> WorkerUnderTest {
            try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend, service: service))
        }

        /// Waits until the worker's clock has moved on.
        private func pass(_ time: Duration, in worker: WorkerUnderTest) {
            let end = MonotonicTime.now().advanced(by: time)
            #expect(eventually { (worker.onWorker { $0.loop.now }) ?? end > end })
        }

        @Test("The time that an unused connection is kept does not bound the next request on it")
        func longUpload() throws {
            let worker = try self.relay(service: "pool: { idleTimeout: 200ms }")
            let client = try worker.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            self.pass(.milliseconds(400), in: worker)
            try client.send("hello")
            #expect(try client.readResponse().text == "backend")
            #expect(self.backend.connections.count == 1)
        }

        @Test(
            "A service that is silent for its idle timeout is given up",
            arguments: ["", "Content-Length: 100000000\r\n"]
        )
        func silentService(field: String) throws {
            let worker = try self.relay(service: "timeouts: { idle: 200ms }")
            self.backend.on("/silent") { connection, _ in
                eventually { !connection.hasInput() }  // Reads nothing of the body.
                eventually { worker.onWorker { $0.endpointReports[0].activeRequests } == 0 }
                return false
            }
            let client = try worker.connect()
            try client.send("POST /silent HTTP/1.1\r\nHost: a\r\n\(field)\r\n")
            if !field.isEmpty { _ = try client.socket.writeUntilBlocked(atMost: 64 << 20, milliseconds: 100) }
            let response = try client.readResponse()
            #expect(response.status == 504)
        }

        @Test("A client that does not read stops informational responses too")
        func informationalFlood() throws {
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend), sendBuffer: 4096)
            self.backend.on("/hints") { connection, _ in
                let hint = "HTTP/1.1 103 Early Hints\r\nlink: \(String(repeating: "x", count: 4000))\r\n\r\n"
                try connection.send(String(repeating: hint, count: 1000))
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                return true
            }
            let client = try worker.connect(receiveBuffer: 4096)
            try client.send("GET /hints HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(
                eventually {
                    worker.onWorker { $0.snapshot?.pools[0].connections.first?.isReadingPaused } == true
                })
            let response = try client.readResponse()
            #expect(response.text == "ok")
            #expect(response.informational.count == 1000)
        }

        @Test("A connect that fails is tried elsewhere even when others wait for a connection")
        func triedElsewhere() throws {
            let configuration = WorkerUnderTest.relay(
                to: self.backend, service: "pool: { maxConnections: 1 }\n    timeouts: { connect: 20s }"
            ).replacing("endpoints: [", with: "endpoints: [\"127.0.0.1:1\", ")
            let worker = try WorkerUnderTest(configuration)
            for _ in 0..<4 {
                let clients = try (0..<3).map { _ in try worker.connect() }
                try worker.whileBlocked {
                    for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                }
                for client in clients { #expect(try client.readResponse().status == 200) }
            }
        }

        @Test("A service that is gone leaves no timer behind")
        func removedWhileWaiting() throws {
            let worker = try self.relay(
                service: "pool: { maxConnections: 1 }\n    timeouts: { connect: 500ms }")
            let isFree = Mutex(false)
            self.backend.on("/slow") { connection, _ in
                eventually { isFree.withLock { $0 } }
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            let clients = try (0..<2).map { _ in try worker.connect() }
            for client in clients { try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") }
            #expect(eventually { worker.onWorker { $0.snapshot?.pools[0].waitingCount } == 1 })
            let other = try RawBackend("other")
            let configuration = WorkerUnderTest.relay(to: other).replacing("backend", with: "other")
            try worker.install(configuration)
            isFree.withLock { $0 = true }
            #expect(try clients[0].readResponse().status == 200)
            #expect(try clients[1].readResponse().status == 503)
            // The pool goes with the second snapshot that does not name it.
            try worker.install(configuration)
            self.pass(.milliseconds(700), in: worker)
            #expect(try worker.ask("/").text == "other")
        }
    }
}
