import TestSupport
import Testing

extension Scenarios {
    /// How the end of a response is told, to clients of both versions.
    @Suite(.scenario(Scenarios.relay)) struct ResponseFramingTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
        }

        @Test("A response without a body keeps the connection", arguments: [204, 304])
        func bodyless(status: Int) throws {
            self.backend.on("/empty", answer: "HTTP/1.1 \(status) X\r\nContent-Length: 10\r\nETag: a\r\n\r\n")
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.status == status)
                // In a 304 it tells of the body that GET would have brought (RFC 9110, 8.6).
                #expect(response["content-length"] == (status == 304 ? "10" : nil))
                #expect(response["etag"] == "a")
                #expect(response["transfer-encoding"] == nil)
            }
        }

        @Test(
            "HEAD brings the head alone",
            arguments: ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n", ""])
        func head(framing: String) throws {
            self.backend.on("/head", answer: "HTTP/1.1 200 OK\r\n\(framing)ETag: a\r\n\r\n")
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse(toHead: true)
                #expect(response.status == 200)
                #expect(response["content-length"] == (framing.hasPrefix("Content") ? "10" : nil))
                #expect(response["etag"] == "a")
            }
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text == "backend")
        }

        @Test("A body that ends with the service's connection goes on in chunks, and the client's stays")
        func untilClose() throws {
            self.backend.on("/close", answer: "HTTP/1.1 200 OK\r\n\r\nsome text", thenClose: true)
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse()
                #expect(response["transfer-encoding"] == "chunked")
                #expect(response["connection"] == nil)
                #expect(response.text == "some text")
            }
        }

        @Test(
            "A client of HTTP/1.0 gets a body without a length until its connection ends",
            arguments: [
                "HTTP/1.1 200 OK\r\n\r\nsome text", "HTTP/1.0 200 OK\r\n\r\nsome text",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n5\r\n text\r\n0\r\n\r\n",
            ])
        func oldClient(answer: String) throws {
            self.backend.on("/old", answer: answer, thenClose: true)
            let client = try self.proxy.connect()
            try client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try client.readResponse()
            #expect(response["transfer-encoding"] == nil)
            #expect(response["content-length"] == nil)
            #expect(response["connection"] == "close")
            #expect(response.text == "some text")
        }

        @Test(
            "A response cut short is cut short for the client too, in either framing",
            arguments: [true, false])
        func cutShort(isChunked: Bool) throws {
            let start =
                isChunked ? "Transfer-Encoding: chunked\r\n\r\n9\r\nsome" : "Content-Length: 9\r\n\r\nsome"
            self.backend.on("/cut", answer: "HTTP/1.1 200 OK\r\n\(start)", thenClose: true)
            let client = try self.proxy.connect()
            try client.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: WireError.self) { _ = try client.readResponse() }
            let entry = try #require(self.proxy.accessLog("/cut").last)
            #expect(entry.response_code == 200)
            #expect(entry.response_flags.contains("UC"))
        }

        @Test("A HEAD whose service sends a body all the same harms no other request")
        func headWithBody() throws {
            self.backend.on("/head", answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP")
            let client = try self.proxy.connect()
            try client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse(toHead: true).status == 200)
            #expect(try client.readResponse().text == "backend")
        }
    }
}
