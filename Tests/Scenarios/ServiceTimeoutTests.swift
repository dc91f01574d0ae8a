import TestSupport
import Testing

extension Scenarios {
    /// Services that are slow, silent, or not there.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
                  - { match: { path: { prefix: /silent } }, service: silent }
                  - { match: { path: { prefix: /refusing } }, service: refusing }
                  - { match: { path: { prefix: /idle } }, service: idle }
                  - { match: { path: { prefix: /request } }, service: request }
                  - { match: { path: { prefix: /rule } }, service: slow, timeout: 150ms }
                  - { match: { path: { prefix: /longer } }, service: request, timeout: 60s }
            services:
              - { name: silent, endpoints: [{a-silent}], timeouts: { connect: 150ms } }
              - { name: refusing, endpoints: [{a-refusing}] }
              - { name: idle, endpoints: [{backend}], timeouts: { idle: 150ms } }
              - { name: request, endpoints: [{backend}], timeouts: { request: 150ms } }
              - { name: slow, endpoints: [{backend}], timeouts: { request: 60s } }
            """, backends: ["backend", "a-silent", "a-refusing"])
    ) struct ServiceTimeoutTests {
        let scenario: Scenario
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.proxy = self.scenario.proxy
            self.backend = try self.scenario.backend()
        }

        /// A script that reads a request and says no more than `text`, until it is closed.
        private func stall(_ path: String, after text: String = "") {
            self.backend.on(path) { connection, head in
                _ = try connection.finish(head)
                try connection.send(text)
                _ = try connection.readToEnd()
                return false
            }
        }

        @Test(
            "An endpoint that cannot be connected to is a 503",
            arguments: [("/silent", "upstream_connect_timeout"), ("/refusing", "upstream_connect_failure")])
        func connect(path: String, details: String) throws {
            let response = try self.scenario.ask(path, method: "POST", body: "body")
            #expect(response.status == 503)
            let entry = try #require(self.proxy.accessLog(path).first)
            #expect(entry.response_flags == "UF")
            #expect(entry.response_code_details == details)
        }

        @Test(
            "A service without an answer in time is a 504, and it is let go",
            arguments: [
                ("/request", "UT", "response_timeout"), ("/rule", "UT", "response_timeout"),
                ("/idle", "SI", "upstream_idle_timeout"),
            ])
        func silence(path: String, flags: String, details: String) throws {
            self.backend.dropConnections()
            self.stall("\(path)/stall")
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET \(path)/stall HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().status == 504)
            }
            #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
            let entry = try #require(self.proxy.accessLog("\(path)/stall").first)
            #expect(entry.response_flags == flags)
            #expect(entry.response_code_details == details)
        }

        @Test(
            "A response that stops is cut off, so that the client knows",
            arguments: [("/request", "UT,LR"), ("/rule", "UT,LR"), ("/idle", "SI,LR")])
        func stops(path: String, flags: String) throws {
            self.stall("\(path)/half", after: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            let client = try self.proxy.connect()
            try client.send("GET \(path)/half HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readHead().status == 200)
            #expect(throws: WireError.self) { _ = try client.read(10) }
            let entry = try #require(self.proxy.accessLog("\(path)/half").first)
            #expect(Set(entry.response_flags.split(separator: ",")) == Set(flags.split(separator: ",")))
            #expect(entry.response_code == 200)
        }

        @Test("A service that does not read its request is a 504 as well")
        func doesNotRead() throws {
            let closed = Gate()
            self.backend.on("/idle/deaf") { connection, _ in
                try closed.wait()
                return false
            }
            let client = try self.proxy.connect()
            try client.send("POST /idle/deaf HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
            _ = try client.socket.writeUntilBlocked(atMost: 1_000_000_000, milliseconds: 100)
            #expect(try client.readResponse().status == 504)
            closed.open()
            #expect(self.proxy.accessLog("/idle/deaf").first?.response_flags == "SI")
        }

        @Test("A rule's limit takes the place of its service's")
        func ruleWins() throws {
            let gate = Gate()
            self.backend.on("/longer") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
                return true
            }
            let client = try self.proxy.connect()
            try client.send("GET /longer HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!client.hasInput(within: 300))
            gate.open()
            #expect(try client.readResponse().text == "late")
        }

        @Test("A client that pauses in its request is no silence of the service")
        func slowClient() throws {
            let client = try self.proxy.connect()
            try client.send("POST /idle HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
            #expect(!client.hasInput(within: 400))
            try client.send("body")
            #expect(try client.readResponse().status == 200)
        }

        @Test("Nor is one that pauses in reading its response")
        func slowReader() throws {
            let length = 16 << 20
            self.backend.on("/idle/large") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
                try connection.send([UInt8](repeating: 0x78, count: length))
                return true
            }
            let client = try self.proxy.connect(receiveBuffer: 64 << 10)
            try client.send("GET /idle/large HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = eventually(within: 0.5) { false }
            #expect(try client.readHead().status == 200)
            try client.skip(length)
        }

        @Test("A limit that has run out does not touch the next request of the connection")
        func timerEnds() throws {
            let client = try self.proxy.connect()
            try client.send("GET /rule HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            let gate = Gate()
            self.backend.on("/longer") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
                return true
            }
            try client.send("GET /longer HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!client.hasInput(within: 300))
            gate.open()
            #expect(try client.readResponse().text == "late")
        }
    }
}
