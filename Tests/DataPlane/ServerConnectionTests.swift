internal import Filtering
internal import Foundation
internal import Primitives
internal import Reactor
internal import Synchronization
internal import TestSupport
internal import Testing
internal import Upstreams
@testable internal import DataPlane

extension DataPlaneTests {
    @Suite struct ServerConnectionTests {
        let backend: RawBackend

        init() throws { self.backend = try RawBackend() }

        private func relay(filters: [String: Hooks] = [:], listener: String = "", service: String = "") throws
            -> WorkerUnderTest
        {
            try WorkerUnderTest(
                WorkerUnderTest.relay(
                    to: self.backend, filters: filters.keys.sorted(), listener: listener, service: service),
                filters: filters
            )
        }

        /// A worker that answers everything itself.
        private func direct() throws -> WorkerUnderTest {
            try WorkerUnderTest(
                """
                version: 1
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes:
                  - { name: all, rules: [{ directResponse: { status: 200, body: "direct" } }] }
                """)
        }

        @Test("A request with a length of 0 is complete with its head")
        func emptyBody() throws {
            let ends = Mutex<[Bool]>([])
            let hooks = Hooks(requestHead: { _, _, endOfStream in
                ends.withLock { $0.append(endOfStream) }
                return .continue
            })
            let worker = try self.relay(filters: ["one": hooks])
            let client = try worker.connect()
            for _ in 0..<3 {
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                #expect(try client.readResponse().status == 200)
            }
            #expect(ends.withLock { $0 } == [true, true, true])
            #expect(self.backend.connections.count == 1)
            #expect(self.backend.takeRequests().map { $0["content-length"] } == ["0", "0", "0"])
        }

        @Test("A client that goes while its answer is written leaves nothing to the next request")
        func resetWhileWriting() throws {
            let worker = try self.relay()
            let isAsked = Mutex(false)
            let mayAnswer = Mutex(false)
            let hasAnswered = Mutex(false)
            self.backend.on("/large") { connection, _ in
                isAsked.withLock { $0 = true }
                eventually { mayAnswer.withLock { $0 } }
                let body = String(repeating: "x", count: 20_000)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n\(body)")
                hasAnswered.withLock { $0 = true }
                return true
            }
            let client = try worker.connect()
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isAsked.withLock { $0 } })
            worker.whileBlocked {
                // The answer is seen before the reset, and the first write meets it.
                mayAnswer.withLock { $0 = true }
                eventually { hasAnswered.withLock { $0 } }
                client.reset()
            }
            for _ in 0..<4 {
                let next = try worker.connect()
                try next.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try next.readResponse().text == "backend")
            }
        }

        @Test(
            "A client that ends with its request still gets an answer of ours",
            arguments: ["Host: a\r\n", ""])
        func halfClosed(host: String) throws {
            let worker = try self.direct()
            let client = try worker.connect()
            try worker.whileBlocked {
                try client.send("GET / HTTP/1.1\r\n\(host)\r\n")
                client.socket.endWriting()
            }
            let response = try client.readResponse()
            #expect(response.status == (host.isEmpty ? 400 : 200))
            #expect(try client.isAtEnd())
        }

        @Test("A broken request is answered when the client has ended and a filter holds the answer")
        func heldRefusal() throws {
            let isHeld = Mutex(false)
            let mayGoOn = Mutex(false)
            let hooks = Hooks(responseHead: { stream, slot, _ in
                isHeld.withLock { $0 = true }
                let (id, place, worker) = (stream.id, slot.index, Carried(stream.worker))
                Thread.detachNewThread {
                    eventually { mayGoOn.withLock { $0 } }
                    worker.value.post(id) { $0.resume(.response, by: place) }
                }
                return .pause
            })
            let worker = try self.relay(filters: ["one": hooks])
            let client = try worker.connect()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n")
            #expect(eventually { isHeld.withLock { $0 } })
            client.socket.endWriting()
            for _ in 0..<2 { _ = worker.onWorker { _ in true } }
            mayGoOn.withLock { $0 = true }
            #expect(try client.readResponse().status == 400)
            #expect(try client.isAtEnd())
        }

        @Test("What comes behind a last request does not cost its answer")
        func bytesBehindLastRequest() throws {
            let worker = try self.direct()
            let client = try worker.connect()
            try worker.whileBlocked {
                try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                try client.send([UInt8](repeating: 0x78, count: 300_000))
            }
            #expect(try client.readResponse().text == "direct")
            #expect(try client.isAtEnd())
        }

        @Test("Clients leave descriptors for services, and are served again when there is room")
        func descriptorLimit() throws {
            let worker = try self.relay()
            let first = try worker.connect()
            try first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try first.readResponse().status == 200)
            _ = worker.onWorker { $0.descriptorLimit = 0 }
            #expect(try worker.connect().isAtEnd())
            try first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try first.readResponse().status == 200)
            let waiting = try worker.connect()
            _ = worker.onWorker { $0.descriptorLimit = .max }
            try waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try waiting.readResponse().status == 200)
        }

        @Test("A Unix socket that another worker still has a copy of is left without a trace")
        func sharedUnixSocket() throws {
            let folder = try TemporaryFolder()
            let address = "unix:\(folder.file("public").path)"
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend).replacing("127.0.0.1:0", with: "\"\(address)\""))
            let copy = try #require(try worker.sockets[address]?.duplicate())
            defer { copy.close() }
            _ = worker.onWorker { $0.drainListeners() }
            for _ in 0..<10 {
                _ = try RawConnection(to: address)
                #expect(worker.onWorker { _ in true } == true)
            }
        }

        @Test("A slow reader gets all of a response that was complete before the drain")
        func drainWithUnread() throws {
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend), sendBuffer: 4096)
            let hasAnswered = Mutex(false)
            self.backend.on("/large") { connection, _ in
                let body = String(repeating: "x", count: 60_000)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n\(body)")
                hasAnswered.withLock { $0 = true }
                return true
            }
            let client = try worker.connect(receiveBuffer: 4096)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            // The service is done, and what is left waits in the worker.
            #expect(
                eventually {
                    hasAnswered.withLock { $0 }
                        && worker.onWorker { $0.endpointReports[0].activeRequests } == 0
                })
            _ = worker.onWorker { $0.drainListeners() }
            #expect(try client.readResponse().body.count == 60_000)
            #expect(try client.isAtEnd())
        }
    }
}

/// A worker, of which a test calls from another thread what any thread may call.
private struct Carried: @unchecked Sendable {
    let value: FilterWorker
    init(_ value: FilterWorker) { self.value = value }
}
