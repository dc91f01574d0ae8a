import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// The end of a gateway, and what comes before it.
    @Suite struct DrainTests {
        let backend: RawBackend
        let gate = Gate()
        let configuration: String
        let proxy: ProxyProcess

        init() throws {
            let (backend, gate) = (try RawBackend(), self.gate)
            backend.on("/slow") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            self.backend = backend
            self.configuration = """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ service: backend }] }]
                services: [{ name: backend, endpoints: ["\(backend.address)"] }]
                """
            self.proxy = try ProxyProcess(self.configuration, workers: 2)
        }

        /// A connection that has been used, and one whose request waits for its answer.
        private func clients() throws -> (idle: RawConnection, busy: RawConnection) {
            let (idle, busy) = (try self.proxy.connect(), try self.proxy.connect())
            try idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try idle.readResponse().status == 200)
            try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { self.gate.isWaitedFor })
            return (idle, busy)
        }

        private func expectAnswer(_ busy: RawConnection) throws {
            self.gate.open()
            let response = try busy.readResponse()
            #expect(response.text == "slow")
            #expect(response["connection"] == "close")
            #expect(try busy.isAtEnd())
        }

        @Test("SIGTERM closes what is idle, answers what has begun, and then the process ends with 0")
        func terminate() throws {
            let (idle, busy) = try self.clients()
            self.proxy.send(signal: SIGTERM)
            #expect(try idle.isAtEnd())
            #expect(eventually { (try? self.proxy.connect()) == nil }, "it still listens")
            let ready = try self.proxy.admin("/ready")
            #expect(ready.status == 503)
            #expect(ready.text == "DRAINING\n")
            #expect(self.proxy.isRunning)
            try self.expectAnswer(busy)
            #expect(eventually { !self.proxy.isRunning })
            #expect(self.proxy.stop() == .exited(0))
        }

        @Test("A second SIGTERM ends at once")
        func terminateTwice() throws {
            let (idle, _) = try self.clients()
            self.proxy.send(signal: SIGTERM)
            #expect(try idle.isAtEnd())
            self.proxy.send(signal: SIGTERM)
            #expect(eventually { !self.proxy.isRunning })
            #expect(self.proxy.stop() == .exited(0))
            self.gate.open()
        }

        @Test("Draining the listeners leaves the process, and a SIGTERM after it still waits for requests")
        func drainListeners() throws {
            let (idle, busy) = try self.clients()
            #expect(try self.proxy.admin("/drain_listeners", method: "POST").text == "OK\n")
            #expect(try idle.isAtEnd())
            #expect(eventually { (try? self.proxy.connect()) == nil }, "it still listens")
            #expect(try self.proxy.admin("/ready").status == 503)
            #expect(try self.proxy.adminJSON("/server_info", as: ServerInfo.self).state == "DRAINING")
            // A reload opens no listener, neither the old one nor another.
            let more = self.configuration.replacing(
                "listeners: [", with: "listeners: [{ name: more, address: \"127.0.0.2:0\" }, ")
            #expect(try self.proxy.reload { try self.proxy.configure(more) })
            #expect((try? self.proxy.connect()) == nil)
            let address = try #require(try self.proxy.currentListeners()["more"])
            #expect(throws: WireError.self) {
                let client = try RawConnection(to: address)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try client.readHead()
            }
            self.proxy.send(signal: SIGTERM)
            #expect(eventually { self.proxy.log.contains("draining") })
            #expect(self.proxy.isRunning)
            try self.expectAnswer(busy)
            #expect(eventually { !self.proxy.isRunning })
            #expect(self.proxy.stop() == .exited(0))
        }

        @Test("What was logged before the end is in the access log")
        func flushed() throws {
            for _ in 1...100 { _ = try self.proxy.ask("/logged") }
            #expect(self.proxy.stop() == .exited(0))
            #expect(self.proxy.folder.text(of: "access.log").split(separator: "\n").count == 100)
            self.gate.open()
        }
    }
}
