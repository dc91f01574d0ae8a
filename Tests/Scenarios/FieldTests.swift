import TestSupport
import Testing

extension Scenarios {
    /// What becomes of fields on their way through.
    @Suite(.scenario(Scenarios.relay)) struct FieldTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        /// What the service sees of a request with these fields.
        private func seen(_ fields: String, version: String = "1.1") throws -> RawMessage {
            let client = try self.scenario.proxy.connect()
            try client.send("GET / HTTP/\(version)\r\nHost: a.example:81\r\n\(fields)\r\n")
            #expect(try client.readResponse().status == 200)
            return try #require(self.backend.takeRequests().last)
        }

        @Test("Fields of one hop end here, and so do those that Connection names")
        func hopByHop() throws {
            let request = try self.seen(
                """
                Connection: keep-alive, x-once, , X-Twice\r
                Keep-Alive: timeout=5\r
                Proxy-Connection: keep-alive\r
                TE: trailers, deflate\r
                Trailer: x-late\r
                Upgrade: h2c\r
                HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r
                X-Once: 1\r
                x-twice: 2\r
                X-TWICE: 3\r
                Proxy-Authorization: Basic eDp5\r
                X-Stays: 4\r

                """)
            let names = request.fields.map { $0.prefix { $0 != ":" } }
            #expect(
                names == [
                    "host", "proxy-authorization", "x-stays", "x-forwarded-for", "x-forwarded-proto",
                    "x-forwarded-host", "x-request-id", "via",
                ])
        }

        @Test("Unchanged fields keep their order and their spelling; Host comes first")
        func unchanged() throws {
            let request = try self.seen("B-Field:  two  words\r\naCCept:*/*\r\nB-Field:\r\n")
            let text = String(decoding: request.raw, as: UTF8.self)
            #expect(
                text.hasPrefix(
                    "GET / HTTP/1.1\r\nHost: a.example:81\r\n"
                        + "B-Field:  two  words\r\naCCept:*/*\r\nB-Field:\r\n"
                ))
        }

        @Test("Connection cannot take away what the gateway says of the client")
        func connectionCannotStrip() throws {
            let request = try self.seen(
                "Connection: x-forwarded-for, x-forwarded-proto, x-forwarded-host\r\n"
                    + "X-Forwarded-For: 1.2.3.4\r\n"
            )
            #expect(request["x-forwarded-for"] == "1.2.3.4, 127.0.0.1")
            #expect(request["x-forwarded-proto"] == "http")
            #expect(request["x-forwarded-host"] == "a.example:81")
        }

        @Test("Via tells the version that was received, in both directions", arguments: ["1.0", "1.1"])
        func via(version: String) throws {
            #expect(
                try self.seen("Via: 1.1 before\r\n", version: version).all("via") == [
                    "1.1 before", "\(version) postern",
                ])
            self.backend.on("/via") { connection, _ in
                try connection.send("HTTP/\(version) 200 OK\r\nVia: 1.1 behind\r\nContent-Length: 0\r\n\r\n")
                return false
            }
            #expect(try self.scenario.ask("/via").all("via") == ["1.1 behind", "\(version) postern"])
        }

        @Test("Without trusted hops a client's word on scheme and host is replaced, its list goes on")
        func untrusted() throws {
            let request = try self.seen(
                """
                X-Forwarded-For: 10.0.0.1\r
                X-Forwarded-For: 10.0.0.2\r
                X-Forwarded-Proto: https\r
                X-Forwarded-Host: bank.example\r
                X-Forwarded-Host: other.example\r

                """)
            #expect(request.all("x-forwarded-for") == ["10.0.0.1, 10.0.0.2, 127.0.0.1"])
            #expect(request.all("x-forwarded-proto") == ["http"])
            #expect(request.all("x-forwarded-host") == ["a.example:81"])
        }

        @Test("A target that names https makes nobody believe that the connection was secure")
        func schemeOfTarget() throws {
            let client = try self.scenario.proxy.connect()
            try client.send("GET https://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            let request = try #require(self.backend.takeRequests().last)
            #expect(request.startLine == "GET /x HTTP/1.1")
            #expect(request["x-forwarded-proto"] == "http")
        }

        @Test("A request id is made when there is none, another each time, and kept when there is one")
        func requestID() throws {
            let made = try (0..<2).map { _ in try #require(self.seen("")["x-request-id"]) }
            for id in made {
                let pattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
                #expect(id.wholeMatch(of: pattern) != nil, "\(id)")
            }
            #expect(made[0] != made[1])
            #expect(try self.seen("X-Request-Id: mine\r\n").all("x-request-id") == ["mine"])
        }

        @Test("Trace contexts pass untouched, and none is made")
        func traceContexts() throws {
            let fields = [
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "tracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "x-b3-traceid: 463ac35c9f6413ad",
                "x-b3-spanid: a2fb4a1d1a96d312", "x-b3-sampled: 1",
                "b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1",
            ]
            let request = try self.seen(fields.map { "\($0)\r\n" }.joined())
            #expect(request.fields.filter { fields.contains($0) } == fields)
            let bare = try self.seen("").fields.map { $0.prefix { $0 != ":" } }
            #expect(!bare.contains { $0.hasPrefix("trace") || $0.hasSuffix("b3") || $0.hasPrefix("x-b3") })
        }

        @Test("A response loses the fields of its hop as well")
        func response() throws {
            self.backend.on(
                "/hop",
                answer: """
                    HTTP/1.1 200 Fine\r
                    Connection: keep-alive, X-Inner\r
                    Keep-Alive: timeout=5\r
                    Proxy-Connection: keep-alive\r
                    X-Inner: 1\r
                    Upgrade: h2c\r
                    Server: inner\r
                    Content-Length: 2\r
                    \r
                    ok
                    """)
            let response = try self.scenario.ask("/hop")
            #expect(response.startLine == "HTTP/1.1 200 OK")
            #expect(response.fields == ["server: inner", "via: 1.1 postern", "content-length: 2"])
        }
    }

    /// A gateway behind two proxies that are believed.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0", forwarded: { trustedHops: 2 } }
            routes:
              - name: all
                filters: [{ lua: "{folder}/source.lua" }]
                rules: [{ service: backend }]
            services:
              - { name: backend, endpoints: [{backend}] }
            """,
            files: [
                "source.lua": """
                function on_request(handle)
                  handle:headers():add("x-source", handle:streamInfo():attribute("source.address"))
                end
                """
            ])
    ) struct TrustedHopTests {
        private func seen(_ fields: String) throws -> RawMessage {
            let scenario = try Scenario.current
            #expect(try scenario.ask("/", fields: fields).status == 200)
            return try #require(scenario.backend().takeRequests().last)
        }

        @Test("What trusted proxies say of scheme and host is passed on")
        func believed() throws {
            let request = try self.seen("X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n")
            #expect(request.all("x-forwarded-proto") == ["https"])
            #expect(request.all("x-forwarded-host") == ["shop.example"])
        }

        @Test("What they do not say is added")
        func added() throws {
            let request = try self.seen("")
            #expect(request["x-forwarded-proto"] == "http")
            #expect(request["x-forwarded-host"] == "example.com")
            #expect(request["x-forwarded-for"] == "127.0.0.1")
            #expect(request["x-source"] == "127.0.0.1")
        }

        @Test(
            "The client is the address before the trusted hops, whatever it has written before that",
            arguments: [
                ("203.0.113.9, 10.0.0.2", "203.0.113.9"), ("6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
                ("10.0.0.2", "10.0.0.2"),
            ])
        func source(list: String, client: String) throws {
            let request = try self.seen("X-Forwarded-For: \(list)\r\n")
            #expect(request["x-forwarded-for"] == "\(list), 127.0.0.1")
            #expect(request["x-source"] == client)
        }
    }
}
