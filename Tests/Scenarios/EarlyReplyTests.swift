import TestSupport
import Testing

extension Scenarios {
    /// Answers that come before the request's body is complete.
    @Suite(
        .scenario(
            rules: """
                - match: { path: { exact: /no } }
                  directResponse: { status: 413, body: "too much\\n" }
                """)
    ) struct EarlyReplyTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            _ = self.backend.takeRequests()
            // Answers at the head, and does not read on.
            self.backend.on("/early") { connection, _ in
                try connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nearly")
                return false
            }
        }

        @Test("A service's early answer reaches the client, and a short rest of the body is read over")
        func shortRest() throws {
            let client = try self.proxy.connect()
            try client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 403)
            #expect(response.text == "early")
            #expect(response["connection"] == nil)
            try client.send([UInt8](repeating: 0x47, count: 5000))
            try client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text == "backend")
            #expect(self.backend.takeRequests().map(\.target) == ["/next"])
        }

        @Test("A short rest in chunks is read over too")
        func shortChunks() throws {
            let client = try self.proxy.connect()
            try client.send(
                "POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n")
            #expect(try client.readResponse().status == 403)
            try client.send("3\r\nGET\r\n0\r\nx-trailer: 1\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text == "backend")
        }

        @Test(
            "A client that goes on sending a large body sees the answer and no reset",
            arguments: ["/early", "/no"])
        func largeRest(path: String) throws {
            let client = try self.proxy.connect()
            let length = 8 << 20
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
            // A reset would make a write fail, or take the answer away.
            for _ in 0..<length / (256 << 10) {
                try client.send([UInt8](repeating: 0x47, count: 256 << 10))
            }
            let response = try client.readResponse()
            #expect(response.status == (path == "/no" ? 413 : 403))
            #expect(response["connection"] == "close")
            #expect(response.text == (path == "/no" ? "too much\n" : "early"))
            #expect(try client.isAtEnd())
        }

        @Test("What follows a long rest on the connection is not taken for a request")
        func nothingSmuggled() throws {
            let client = try self.proxy.connect()
            try client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            #expect(try client.readResponse().status == 413)
            try client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.isAtEnd())
            #expect(self.backend.takeRequests().isEmpty)
        }

        @Test("A refused head is answered although its body keeps coming")
        func refusedHead() throws {
            let client = try self.proxy.connect()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 4000000\r\n\r\n")
            for _ in 0..<16 { try client.send([UInt8](repeating: 0x47, count: 250_000)) }
            #expect(try client.readResponse().status == 400)
            #expect(try client.isAtEnd())
        }

        @Test("A response may begin and end while the request is still being sent")
        func responseFirst() throws {
            self.backend.on("/first") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
                #expect(try connection.read(4) == Array("late".utf8))
                try connection.send("0\r\n\r\n")
                return true
            }
            let client = try self.proxy.connect()
            try client.send("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
            #expect(try client.readHead().status == 200)
            #expect(try client.read(10) == Array("5\r\nfirst\r\n".utf8))
            try client.send("late")
            #expect(try client.read(5) == Array("0\r\n\r\n".utf8))
        }

        @Test("A service that answers and closes while it is still sent a body is heard")
        func answersAndCloses() throws {
            self.backend.on("/closes") { connection, _ in
                try connection.send("HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbig\n")
                connection.socket.endWriting()
                _ = try? connection.readToEnd()
                return false
            }
            let client = try self.proxy.connect()
            try client.send("POST /closes HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
            for _ in 0..<30 { try client.send([UInt8](repeating: 0x47, count: 100_000)) }
            #expect(try client.readResponse().text == "big\n")
        }
    }
}
