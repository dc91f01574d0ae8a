import TestSupport
import Testing

extension Scenarios {
    /// Connections to services: how many, for how long, and what is tried again.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
                  - { match: { path: { prefix: /one } }, service: one }
                  - { match: { path: { prefix: /full } }, service: full }
                  - { match: { path: { prefix: /idle } }, service: idle }
                  - { match: { path: { prefix: /partly } }, service: partly }
                  - service: backend
            services:
              - { name: backend, endpoints: [{backend}] }
              - { name: one, endpoints: [{backend}], pool: { maxConnections: 1 }, timeouts: { connect: 20s } }
              - name: full
                endpoints: [{backend}]
                pool: { maxConnections: 1 }
                timeouts: { connect: 150ms }
              - { name: idle, endpoints: [{backend}], pool: { idleTimeout: 150ms } }
              - name: partly
                endpoints: [{a-refusing}, {b-silent}, {backend}]
                timeouts: { connect: 150ms }
            """, backends: ["backend", "a-refusing", "b-silent"])
    ) struct PoolTests {
        let scenario: Scenario
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.proxy = self.scenario.proxy
            self.backend = try self.scenario.backend()
            self.backend.dropConnections()
            _ = self.backend.takeRequests()
        }

        @Test("With every connection in use a request waits, and none more is opened")
        func waits() throws {
            let gate = Gate()
            self.backend.on("/one/held") { connection, head in
                _ = try connection.finish(head)
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
                return true
            }
            let clients = try (0..<4).map { _ in try self.proxy.connect() }
            for client in clients {
                try client.send("POST /one/held HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            }
            #expect(!clients[3].hasInput(within: 100))
            #expect(self.backend.connections.count == 1)
            gate.open()
            for client in clients { #expect(try client.readResponse().text == "held") }
            #expect(self.backend.connections.count == 1)
        }

        @Test("One that waits for too long is a 503, and the others go on")
        func full() throws {
            let gate = Gate()
            self.backend.on("/full/held") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
                return true
            }
            let first = try self.proxy.connect()
            try first.send("GET /full/held HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { self.backend.connections.contains { !$0.received.isEmpty } })
            #expect(try self.scenario.ask("/full/late", method: "POST", body: "x").status == 503)
            let entry = try #require(self.proxy.accessLog("/full/late").first)
            #expect(entry.response_flags == "UO")
            #expect(entry.response_code_details == "overflow")
            #expect(entry.upstream_request_attempt_count == 0)
            gate.open()
            #expect(try first.readResponse().text == "held")
            #expect(try self.scenario.ask("/full").text == "backend")
        }

        @Test("A client that leaves while it waits takes no connection with it")
        func leavesWhileWaiting() throws {
            let gate = Gate()
            self.backend.on("/one/first") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
                return true
            }
            let first = try self.proxy.connect()
            try first.send("GET /one/first HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { self.backend.connections.contains { !$0.received.isEmpty } })
            let leaving = try self.proxy.connect()
            try leaving.send("GET /one/leaving HTTP/1.1\r\nHost: a\r\n\r\n")
            leaving.reset()
            #expect(self.proxy.accessLog("/one/leaving").first?.response_flags == "DC")
            let last = try self.proxy.connect()
            try last.send("GET /one/last HTTP/1.1\r\nHost: a\r\n\r\n")
            gate.open()
            #expect(try first.readResponse().text == "first")
            #expect(try last.readResponse().text == "backend")
            #expect(self.backend.takeRequests().map(\.target) == ["/one/last"])
        }

        @Test("A connection that nobody uses is closed")
        func idle() throws {
            #expect(try self.scenario.ask("/idle").text == "backend")
            #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
            #expect(self.backend.connections.allSatisfy { $0.error == nil })
            #expect(try self.scenario.ask("/idle").text == "backend")
        }

        /// Serves one request, and closes without a word when the next one comes.
        private func closeAtSecond(_ path: String) {
            self.backend.on(path) { connection, head in
                _ = try connection.finish(head)
                let body = head.method == "HEAD" ? "" : "ok"
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(body)")
                _ = try connection.readHead()
                return false
            }
        }

        @Test(
            "A connection that turns out stale costs an idempotent request nothing",
            arguments: [
                "GET", "PUT", "DELETE", "OPTIONS", "HEAD",
            ])
        func staleRetried(method: String) throws {
            let path = "/stale-\(method)"
            self.closeAtSecond(path)
            for _ in 0..<3 { #expect(try self.scenario.ask(path, method: method).status == 200) }
            let attempts = self.proxy.accessLog(path, count: 3).map(\.upstream_request_attempt_count)
            #expect(attempts == [1, 2, 2])
        }

        @Test(
            "Any other request, or one with a body, is a 502 then",
            arguments: [("POST", ""), ("PUT", "body")])
        func staleRefused(method: String, body: String) throws {
            let path = "/lost-\(method)"
            self.closeAtSecond(path)
            #expect(try self.scenario.ask(path).status == 200)
            #expect(try self.scenario.ask(path, method: method, body: body).status == 502)
            let entry = try #require(self.proxy.accessLog(path, count: 2).last)
            #expect(entry.response_flags == "UC")
            #expect(entry.upstream_request_attempt_count == 1)
        }

        @Test("A new connection that is closed without an answer is a 502, also for GET")
        func closedAtOnce() throws {
            self.backend.on("/closes") { _, _ in false }
            #expect(try self.scenario.ask("/closes").status == 502)
            #expect(self.proxy.accessLog("/closes").first?.upstream_request_attempt_count == 1)
        }

        @Test("A response that has begun is not asked for again")
        func begun() throws {
            self.backend.on("/begun") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nX-Fi")
                return false
            }
            #expect(try self.scenario.ask("/").status == 200)
            #expect(try self.scenario.ask("/begun").status == 502)
            #expect(self.proxy.accessLog("/begun").first?.upstream_request_attempt_count == 1)
        }

        @Test("A failed connect is tried at the other endpoints, with the body that has come meanwhile")
        func otherEndpoint() throws {
            for number in 0..<6 {
                let response = try self.scenario.ask("/partly/\(number)", method: "POST", body: "body")
                #expect(response.text == "backend")
            }
            #expect(self.backend.takeRequests().map(\.text) == Array(repeating: "body", count: 6))
            let attempts = (0..<6).compactMap {
                self.proxy.accessLog("/partly/\($0)").first?.upstream_request_attempt_count
            }
            #expect(attempts.count == 6)
            #expect(attempts.contains { $0 > 1 })
        }
    }
}
