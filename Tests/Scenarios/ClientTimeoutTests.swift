import TestSupport
import Testing

extension Scenarios {
    /// Clients that are too slow, or silent.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: header, address: "127.0.0.1:0", timeouts: { header: 150ms } }
              - { name: body, address: "127.0.0.2:0", timeouts: { body: 150ms } }
              - { name: idle, address: "127.0.0.3:0", timeouts: { idle: 150ms } }
            routes:
              - { name: all, rules: [{ service: backend }] }
            services:
              - { name: backend, endpoints: [{backend}] }
            """)
    ) struct ClientTimeoutTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
        }

        @Test("A head that does not end is answered 408, and that is no fault of the protocol")
        func head() throws {
            let client = try self.proxy.connect("header")
            try client.send("GET /head HTTP/1.1\r\nHost: a\r\n")
            let response = try client.readResponse()
            #expect(response.status == 408)
            #expect(response.text == "Request Timeout: http1.head_timeout\n")
            #expect(try client.isAtEnd())
            let entry = try #require(self.proxy.accessLog(details: "http1.head_timeout"))
            #expect(entry.response_flags == "SI")
            #expect(entry.response_code == 408)
        }

        @Test("A head that comes byte by byte gets no more time")
        func drippingHead() throws {
            let client = try self.proxy.connect("header")
            try client.send("GET / HTTP/1.1\r\nX: ")
            while !client.hasInput(within: 10) { try client.send("x") }
            #expect(try client.readResponse().status == 408)
        }

        @Test("The limit of a head begins anew with the next request")
        func secondHead() throws {
            let client = try self.proxy.connect("header")
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(!client.hasInput(within: 300), "an idle connection has no head to wait for")
            try client.send("GET /")
            #expect(try client.readResponse().status == 408)
        }

        @Test("A body that stops is answered 408, and the service's request is aborted")
        func body() throws {
            self.backend.dropConnections()
            _ = self.backend.takeRequests()
            let client = try self.proxy.connect("body")
            try client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
            let response = try client.readResponse()
            #expect(response.status == 408)
            #expect(response.text == "Request Timeout: http1.body_timeout\n")
            #expect(try client.isAtEnd())
            #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
            #expect(self.backend.takeRequests().isEmpty)
            #expect(self.proxy.accessLog("/body").first?.response_flags == "SI")
        }

        @Test(
            "A service that is slow to answer is no pause of the client's",
            arguments: ["header", "body", "idle"])
        func slowService(listener: String) throws {
            let gate = Gate()
            self.backend.on("/slow") { connection, head in
                _ = try connection.finish(head)
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            let client = try self.proxy.connect(listener)
            try client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            #expect(!client.hasInput(within: 300))
            gate.open()
            #expect(try client.readResponse().text == "slow")
        }

        @Test("A connection without a request is closed, and so is one after its answer")
        func idle() throws {
            let silent = try self.proxy.connect("idle")
            #expect(try silent.isAtEnd())
            let client = try self.proxy.connect("idle")
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(try client.isAtEnd())
        }

        @Test("A client that does not read its response is given up, and the service with it")
        func unread() throws {
            self.backend.dropConnections()
            self.backend.on("/endless") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                while true { try connection.send([UInt8](repeating: 0x78, count: 64 << 10)) }
            }
            let client = try self.proxy.connect("body", receiveBuffer: 4096)
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            let entry = try #require(self.proxy.accessLog("/endless").first)
            #expect(entry.response_flags == "DC")
            #expect(entry.response_code_details == "downstream_write_timeout")
            #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
        }
    }
}
