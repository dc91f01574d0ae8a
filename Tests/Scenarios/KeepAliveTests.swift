import TestSupport
import Testing

extension Scenarios {
    /// Connections of clients that ask more than once, and when they end.
    @Suite(.scenario(Scenarios.relay)) struct KeepAliveTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            _ = self.backend.takeRequests()
        }

        @Test("A connection serves one request after the other, over one connection to the service")
        func oneAfterTheOther() throws {
            self.backend.dropConnections()
            let client = try self.proxy.connect()
            for target in ["/1", "/2", "/3"] {
                try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.status == 200)
                #expect(response["connection"] == nil)
            }
            #expect(self.backend.takeRequests().map(\.target) == ["/1", "/2", "/3"])
            #expect(self.backend.connections.count == 1)
        }

        @Test("A client that asks to close is told so, answered, and closed")
        func close() throws {
            let client = try self.proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let response = try client.readResponse()
            #expect(response["connection"] == "close")
            #expect(response.text == "backend")
            #expect(try client.isAtEnd())
            // The wish was the client's: the connection to the service is kept.
            #expect(self.backend.takeRequests().last?["connection"] == nil)
        }

        @Test("A request with an empty body leaves both connections in use", arguments: ["POST", "GET"])
        func emptyBody(method: String) throws {
            self.backend.dropConnections()
            let client = try self.proxy.connect()
            for _ in 0..<3 {
                try client.send("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                #expect(try client.readResponse().status == 200)
            }
            #expect(self.backend.takeRequests().map { $0["content-length"] } == ["0", "0", "0"])
            #expect(self.backend.connections.count == 1)
        }

        @Test("A service that closes after each answer costs its clients nothing")
        func serviceCloses() throws {
            self.backend.on("/closing") { connection, head in
                _ = try connection.finish(head)
                try connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                return false
            }
            let client = try self.proxy.connect()
            for _ in 0..<5 {
                try client.send("POST /closing HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
                let response = try client.readResponse()
                #expect(response.text == "ok")
                #expect(response["connection"] == nil)
            }
        }

        @Test("HTTP/1.0 is answered, with or without a host, and closed")
        func oldClient() throws {
            for host in ["", "Host: a\r\n"] {
                let client = try self.proxy.connect()
                try client.send("GET / HTTP/1.0\r\n\(host)\r\n")
                let response = try client.readResponse()
                #expect(response.startLine == "HTTP/1.1 200 OK")
                #expect(response["connection"] == "close")
                #expect(try client.isAtEnd())
            }
            #expect(self.backend.takeRequests().map(\.startLine) == ["GET / HTTP/1.1", "GET / HTTP/1.1"])
        }

        @Test("HTTP/1.0 keeps its connection when it asks for that, and is told so")
        func oldClientThatStays() throws {
            let client = try self.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                let response = try client.readResponse()
                #expect(response["connection"] == "keep-alive")
                #expect(response.text == "backend")
            }
        }

        @Test("A client that ends its side still gets the answers to what it has asked")
        func halfClose() throws {
            let gate = Gate()
            self.backend.on("/later") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlater")
                return true
            }
            let client = try self.proxy.connect()
            try client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            client.socket.endWriting()
            gate.open()
            #expect(try client.readResponse().text == "later")
            let last = try client.readResponse()
            #expect(last.text == "backend")
            #expect(last["connection"] == "close")
            #expect(try client.isAtEnd())
        }
    }

    /// Clients that read so slowly that a response waits in the gateway after it is complete.
    ///
    /// A Unix socket takes some 200 KiB before it blocks; among these lengths are such as are read whole from
    /// the service and cannot be written whole.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "unix:{folder}/public" }
            routes:
              - { name: all, rules: [{ service: backend }] }
            services:
              - { name: backend, endpoints: [{backend}] }
            """)
    ) struct SlowReaderTests {
        private static let lengths = (20..<52).map { $0 * (8 << 10) }

        /// Clients whose exchanges are over as far as they can be without a byte read.
        private func clients(_ path: String, _ fields: String) throws -> [(RawConnection, length: Int)] {
            let scenario = try Scenario.current
            let clients = try Self.lengths.map { length in
                try scenario.backend().on(
                    "\(path)/\(length)",
                    answer: "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n"
                        + String(repeating: "x", count: length))
                let client = try scenario.proxy.connect()
                try client.send("GET \(path)/\(length) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                return (client, length)
            }
            // The longest are never over while nobody reads; what is over within this time is enough.
            eventually(within: 0.3) { scenario.proxy.hasLogged("\(path)/\(Self.lengths.last ?? 0)") }
            return clients
        }

        @Test("One that ends its side gets all of the response")
        func halfClose() throws {
            for (client, length) in try self.clients("/half", "") {
                client.socket.endWriting()
                #expect(try client.readHead().status == 200)
                #expect(try client.countToEnd() == length)
            }
        }

        @Test("One that asked to close has as long to read as any other")
        func close() throws {
            let clients = try self.clients("/close", "Connection: close\r\n")
            // Longer than a client has to close its side once everything is written.
            _ = eventually(within: 2.5) { false }
            for (client, length) in clients {
                #expect(try client.readHead().status == 200)
                #expect(try client.countToEnd() == length)
            }
        }
    }
}
