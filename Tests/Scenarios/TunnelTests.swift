import TestSupport
import Testing

extension Scenarios {
    /// Connections that stop speaking HTTP: `Upgrade` and CONNECT.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
              - { name: open, address: "127.0.0.2:0", allowConnect: true, upgrades: [other, postern-test] }
            routes:
              - { name: all, rules: [{ service: backend }] }
            services:
              - { name: backend, endpoints: [{backend}], timeouts: { request: 200ms } }
            """)
    ) struct TunnelTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            _ = self.backend.takeRequests()
        }

        private static func upgrade(_ path: String, to token: String) -> String {
            "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: \(token)\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        }

        /// A service that switches and then sends back what it is sent, until the client ends.
        private func echo(_ path: String, _ token: String, first: String = "") {
            self.backend.on(path) { connection, head in
                #expect(head["connection"] == "upgrade")
                #expect(head["upgrade"] == token)
                try connection.send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                        + "Upgrade: \(token)\r\n\r\n\(first)"
                )
                while true {
                    let bytes = try connection.readSome()
                    if bytes.isEmpty { break }
                    try connection.send(bytes)
                }
                try connection.send("bye")
                return false
            }
        }

        @Test("A WebSocket passes in both directions, with what stands right behind the heads")
        func webSocket() throws {
            self.echo("/chat", "websocket", first: "early")
            let client = try self.proxy.connect()
            try client.send("\(Self.upgrade("/chat", to: "websocket"))behind")
            let head = try client.readHead()
            #expect(head.startLine == "HTTP/1.1 101 Switching Protocols")
            #expect(head["connection"] == "upgrade")
            #expect(head["upgrade"] == "websocket")
            #expect(try client.read(11) == Array("earlybehind".utf8))
            for text in ["a", String(repeating: "b", count: 300_000), "c"] {
                try client.send(text)
                #expect(try client.read(text.utf8.count) == Array(text.utf8))
            }
            client.socket.endWriting()
            #expect(try client.readToEnd() == Array("bye".utf8))
            let entry = try #require(self.proxy.accessLog("/chat").first)
            #expect(entry.response_code == 101)
            #expect(entry.bytes_received == 300_008)
            #expect(entry.bytes_sent == 300_016)
        }

        @Test("The end of the service's side ends the tunnel")
        func serviceEnds() throws {
            self.backend.on(
                "/bye",
                answer: "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nlast words",
                thenClose: true)
            let client = try self.proxy.connect()
            try client.send(Self.upgrade("/bye", to: "websocket"))
            #expect(try client.readHead().status == 101)
            #expect(try client.readToEnd() == Array("last words".utf8))
        }

        @Test("A client that is reset ends the service's side")
        func clientReset() throws {
            self.backend.forget()
            self.echo("/reset", "websocket")
            let client = try self.proxy.connect()
            try client.send(Self.upgrade("/reset", to: "websocket"))
            #expect(try client.readHead().status == 101)
            client.reset()
            #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
        }

        @Test("A tunnel outlives the limit for a response")
        func noRequestTimeout() throws {
            self.echo("/long", "websocket")
            let client = try self.proxy.connect()
            try client.send(Self.upgrade("/long", to: "websocket"))
            #expect(try client.readHead().status == 101)
            #expect(!client.hasInput(within: 400))
            try client.send("still")
            #expect(try client.read(5) == Array("still".utf8))
        }

        @Test(
            "Other tokens are stripped, and the request is served as it is",
            arguments: ["h2c", "postern-test", "h2c, TLS/1.0"])
        func otherToken(token: String) throws {
            let client = try self.proxy.connect()
            try client.send(Self.upgrade("/", to: token))
            #expect(try client.readResponse().text == "backend")
            let request = try #require(self.backend.takeRequests().last)
            #expect(request["upgrade"] == nil)
            #expect(request["connection"] == nil)
        }

        @Test("Of several tokens the listed one is asked for")
        func severalTokens() throws {
            self.echo("/several", "WebSocket")
            let client = try self.proxy.connect()
            try client.send(Self.upgrade("/several", to: "h2c, WebSocket"))
            #expect(try client.readHead().status == 101)
        }

        @Test("A listener can name other protocols", arguments: ["other", "postern-test"])
        func listedToken(token: String) throws {
            self.echo("/\(token)", token)
            let client = try self.proxy.connect("open")
            try client.send(Self.upgrade("/\(token)", to: token))
            let head = try client.readHead()
            #expect(head.status == 101)
            #expect(head["upgrade"] == token)
            try client.send("hello")
            #expect(try client.read(5) == Array("hello".utf8))
        }

        @Test("A service that does not want to switch answers, and the connection goes on")
        func declined() throws {
            let client = try self.proxy.connect()
            try client.send("\(Self.upgrade("/", to: "websocket"))GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().status == 200)
            #expect(self.backend.takeRequests().map(\.target) == ["/", "/next"])
        }

        @Test("CONNECT, where it is allowed, opens a tunnel in both directions")
        func connect() throws {
            self.backend.on("a.example:443") { connection, head in
                #expect(head.startLine == "CONNECT a.example:443 HTTP/1.1")
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
                try connection.send(connection.read(5))
                return false
            }
            let client = try self.proxy.connect("open")
            try client.send("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nhello")
            let head = try client.readHead()
            #expect(head.status == 200)
            #expect(head["content-length"] == nil)
            #expect(try client.readToEnd() == Array("firsthello".utf8))
        }

        @Test("CONNECT that the service refuses is an ordinary exchange")
        func connectDeclined() throws {
            self.backend.on("b.example:443", answer: "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
            let client = try self.proxy.connect("open")
            try client.send("CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 403)
            #expect(response.text == "no")
        }

        @Test("CONNECT with a body is refused: its bytes could also be the tunnel's")
        func connectWithBody() throws {
            let before = self.backend.receivedCount
            let client = try self.proxy.connect("open")
            try client.send(
                "CONNECT c.example:443 HTTP/1.1\r\nHost: c.example:443\r\nContent-Length: 5\r\n\r\nhello")
            let response = try client.readResponse()
            #expect(response.status == 400)
            #expect(response.text == "Bad Request: http1.connect_with_body\n")
            #expect(try client.isAtEnd())
            #expect(self.backend.receivedCount == before)
        }
    }
}
