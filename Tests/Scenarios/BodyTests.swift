import TestSupport
import Testing

extension Scenarios {
    /// Bodies of both framings, in both directions.
    @Suite(.scenario(Scenarios.relay)) struct BodyTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            _ = self.backend.takeRequests()
        }

        @Test("A request in chunks goes on in chunks, with its trailers and without its extensions")
        func chunkedRequest() throws {
            let client = try self.proxy.connect()
            try client.send(
                """
                POST / HTTP/1.1\r
                Host: a\r
                Transfer-Encoding: chunked\r
                Trailer: x-sum\r
                \r
                4;name="value";x\r
                some\r
                5\r
                 text\r
                0;last\r
                X-Sum: 9\r
                Authorization: none\r
                \r

                """)
            #expect(try client.readResponse().status == 200)
            let request = try #require(self.backend.takeRequests().last)
            #expect(request["transfer-encoding"] == "chunked")
            #expect(request["trailer"] == "x-sum")
            #expect(request["content-length"] == nil)
            #expect(request.text == "some text")
            #expect(request.trailers == ["x-sum: 9"])
        }

        @Test("A response in chunks goes on in chunks, with its trailers and without its extensions")
        func chunkedResponse() throws {
            self.backend.on(
                "/chunks",
                answer: """
                    HTTP/1.1 200 OK\r
                    Transfer-Encoding: chunked\r
                    Trailer: x-sum\r
                    \r
                    4;name="value";x\r
                    some\r
                    5\r
                     text\r
                    0;last\r
                    X-Sum: 9\r
                    Set-Cookie: a=b\r
                    \r

                    """)
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET /chunks HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
                let response = try client.readResponse()
                #expect(response["transfer-encoding"] == "chunked")
                #expect(response["trailer"] == "x-sum")
                #expect(response.text == "some text")
                #expect(response.trailers == ["x-sum: 9"])
            }
        }

        @Test("A part of a body is passed on before the next one comes", arguments: [true, false])
        func streams(isChunked: Bool) throws {
            let (head, parts) =
                isChunked
                ? ("Transfer-Encoding: chunked", ["3\r\none\r\n", "3\r\ntwo\r\n", "0\r\n\r\n"])
                : ("Content-Length: 6", ["one", "two", ""])
            self.backend.on("/stream") { connection, _ in
                // Each part is sent back when it has come, so neither direction may wait for the end.
                try connection.send("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n")
                for part in parts where !part.isEmpty {
                    try connection.send(connection.read(part.utf8.count))
                }
                return true
            }
            let client = try self.proxy.connect()
            try client.send("POST /stream HTTP/1.1\r\nHost: a\r\n\(head)\r\n\r\n")
            #expect(try client.readHead().status == 200)
            for part in parts where !part.isEmpty {
                try client.send(part)
                #expect(try client.read(part.utf8.count) == Array(part.utf8))
            }
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text == "backend")
        }

        @Test("A body of one megabyte arrives as it was sent", arguments: ["length", "chunked"])
        func megabyte(framing: String) throws {
            self.backend.on("/copy") { connection, head in
                let body = try connection.finish(head).body
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                try connection.send(body)
                return true
            }
            let body = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let client = try self.proxy.connect()
            if framing == "length" {
                try client.send("PUT /copy HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                try client.send(body)
            } else {
                try client.send("PUT /copy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 70_000) {
                    let part = body[start..<min(start + 70_000, body.count)]
                    try client.send("\(String(part.count, radix: 16))\r\n")
                    try client.send(Array(part))
                    try client.send("\r\n")
                }
                try client.send("0\r\n\r\n")
            }
            #expect(try client.readResponse().body == body)
        }

        @Test("A client that leaves within a body ends the request to the service", arguments: [true, false])
        func clientLeaves(byReset: Bool) throws {
            self.backend.forget()
            let path = "/leaves-\(byReset)"
            let client = try self.proxy.connect()
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
            #expect(
                eventually {
                    self.backend.connections.contains { $0.received.suffix(4) == Array("half".utf8) }
                })
            if byReset { client.reset() } else { client.socket.close() }
            let entry = try #require(self.proxy.accessLog(path).first)
            #expect(entry.response_flags == "DC")
            #expect(entry.response_code == 0)
            #expect(entry.bytes_received == 4)
            #expect(self.backend.takeRequests().isEmpty)
        }
    }
}
