import TestSupport
import Testing

extension Scenarios {
    /// `Expect: 100-continue` and other responses before the response.
    @Suite(
        .scenario(
            rules: """
                - match: { path: { prefix: /refused } }
                  directResponse: { status: 403, body: "no\\n" }
                """)
    ) struct ExpectationTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            _ = self.backend.takeRequests()
        }

        @Test("A client that waits for 100 is told to go on, and the service hears nothing of it")
        func goesOn() throws {
            let client = try self.proxy.connect()
            try client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n")
            let interim = try client.readHead()
            #expect(interim.startLine == "HTTP/1.1 100 Continue")
            #expect(interim.fields.isEmpty)
            try client.send("bodyGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().status == 200)
            let requests = self.backend.takeRequests()
            #expect(requests.map(\.text) == ["body", ""])
            #expect(requests.first?["expect"] == nil)
        }

        @Test("A refusal comes in place of 100, and the body that may follow is no request")
        func refused() throws {
            let client = try self.proxy.connect()
            try client.send(
                "POST /refused HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 403)
            #expect(response.informational.isEmpty)
            #expect(response["connection"] == "close")
            try client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.isAtEnd())
            #expect(self.backend.takeRequests().isEmpty)
        }

        @Test("A 100 of the service is not passed on a second time")
        func serviceSaysSoToo() throws {
            self.backend.on("/both") { connection, head in
                try connection.send("HTTP/1.1 100 Continue\r\n\r\n")
                _ = try connection.finish(head)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            let client = try self.proxy.connect()
            try client.send(
                "PUT /both HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            #expect(try client.readHead().status == 100)
            try client.send("x")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.informational.isEmpty)
        }

        @Test("An expectation without a body is nothing to wait for")
        func withoutBody() throws {
            let client = try self.proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.informational.isEmpty)
        }

        @Test("A client of HTTP/1.0 is sent no 100 and no other 1xx")
        func oldClient() throws {
            self.backend.on("/hints") { connection, head in
                _ = try connection.finish(head)
                try connection.send(
                    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                )
                return true
            }
            let client = try self.proxy.connect()
            try client.send(
                "POST /hints HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.informational.isEmpty)
        }

        @Test("Early hints pass, each with its fields, before the response")
        func earlyHints() throws {
            self.backend.on(
                "/hints",
                answer: """
                    HTTP/1.1 103 Early Hints\r
                    Link: </a.css>; rel=preload\r
                    Connection: close\r
                    \r
                    HTTP/1.1 102 Processing\r
                    \r
                    HTTP/1.1 200 OK\r
                    Content-Length: 2\r
                    \r
                    ok
                    """)
            let client = try self.proxy.connect()
            try client.send("GET /hints HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            #expect(
                response.informational.map(\.startLine) == [
                    "HTTP/1.1 103 Early Hints", "HTTP/1.1 102 Processing",
                ])
            #expect(response.informational[0].fields == ["link: </a.css>; rel=preload", "via: 1.1 postern"])
            #expect(response.fields.contains("content-length: 2"))
            #expect(response["link"] == nil)
            #expect(response.text == "ok")
        }
    }
}
