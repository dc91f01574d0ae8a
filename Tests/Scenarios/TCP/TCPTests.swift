import TestSupport
import Testing

extension Scenarios {
    /// Bytes that pass between a client and a service as they are.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0", protocol: tcp }
              - { name: quick, address: "127.0.0.2:0", protocol: tcp }
              - { name: few, address: "127.0.0.3:0", protocol: tcp, maxConnections: 2 }
              - { name: limited, address: "127.0.0.4:0", protocol: tcp }
              - { name: dead, address: "127.0.0.5:0", protocol: tcp }
              - { name: unserved, address: "127.0.0.6:0", protocol: tcp }
              - { name: retried, address: "127.0.0.7:0", protocol: tcp }
              - { name: full, address: "127.0.0.8:0", protocol: tcp }
            tcpRoutes:
              - { name: plain, listeners: [public, few], rules: [{ service: backend }] }
              - { name: quick, listeners: [quick], rules: [{ service: backend }], timeouts: { idle: 300ms } }
              - name: limited
                listeners: [limited]
                rules: [{ service: backend }]
                limits: { connections: 1 }
              - { name: dead, listeners: [dead], rules: [{ service: dead }] }
              - name: near
                listeners: [unserved]
                rules: [{ match: { sourceAddresses: 10.0.0.0/8 }, service: dead }]
              - { name: retried, listeners: [retried], rules: [{ service: retried }] }
              - { name: full, listeners: [full], rules: [{ service: full }] }
            services:
              - { name: backend, endpoints: [{backend}] }
              - { name: dead, endpoints: [{a-refusing}, {b-silent}], timeouts: { connect: 200ms } }
              - { name: retried, endpoints: [{a-refusing}, {c-refusing}, {backend}] }
              - name: full
                endpoints: [{backend}]
                pool: { maxConnections: 1 }
                timeouts: { connect: 300ms }
            """, backends: ["backend", "a-refusing", "b-silent", "c-refusing"])
    ) struct TCPTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            // Sends back what it is sent, until the client ends; then says so and ends, too.
            self.backend.onConnection { connection in
                while case let bytes = try connection.readSome(), !bytes.isEmpty {
                    try connection.send(bytes)
                }
                try connection.send("bye")
            }
        }

        private func openConnections() throws -> Int {
            try self.proxy.sum("istio_tcp_connections_opened_total", [:])
                - self.proxy.sum("istio_tcp_connections_closed_total", [:])
        }

        @Test("Bytes pass both ways, and the end of one direction leaves the other open")
        func halfClose() throws {
            let client = try self.proxy.connect()
            for text in ["a", String(repeating: "b", count: 300_000), "c"] {
                try client.send(text)
                #expect(try client.read(text.utf8.count) == Array(text.utf8))
            }
            client.socket.endWriting()
            #expect(try client.readToEnd() == Array("bye".utf8))
            let entry = try #require(self.proxy.accessLog { $0.bytes_received == 300_002 })
            #expect(entry.bytes_sent == 300_005)
            #expect(entry.response_flags == "-")
            #expect(entry.upstream_host == self.backend.address)
            #expect(entry.upstream_cluster == "backend")
            #expect(entry.route_name == "plain")
            #expect(entry.protocol == "TCP")
        }

        @Test("A service may speak first, and end first")
        func serviceSpeaksFirst() throws {
            self.backend.onConnection { connection in
                try connection.send("welcome\n")
                connection.socket.endWriting()
                _ = try connection.readToEnd()
            }
            let client = try self.proxy.connect()
            #expect(try client.readToEnd() == Array("welcome\n".utf8))
            try client.send("late words")
            client.socket.endWriting()
            #expect(eventually { self.backend.connections.last?.received == Array("late words".utf8) })
            #expect(try eventually { try self.openConnections() == 0 })
        }

        @Test("A side that does not read stops the other, and nothing is lost", arguments: [true, false])
        func backpressure(clientReads: Bool) throws {
            let gate = Gate()
            self.backend.onConnection { connection in
                if clientReads {
                    try gate.wait()
                    let count = try connection.countToEnd()
                    try connection.send("\(count)")
                } else {
                    var pattern = Pattern(length: 16 << 20)
                    while !pattern.isComplete { try connection.send(Array(pattern.next())) }
                }
            }
            let client = try self.proxy.connect()
            if clientReads {
                let sent = try client.socket.writeUntilBlocked(atMost: 64 << 20, milliseconds: 300)
                #expect(sent < 32 << 20)
                #expect(self.proxy.residentKibibytes < 100 << 10)
                gate.open()
                client.socket.endWriting()
                #expect(try client.readToEnd() == Array("\(sent)".utf8))
            } else {
                #expect(client.hasInput(within: 20_000))
                #expect(self.proxy.residentKibibytes < 100 << 10)
                #expect(try client.countToEnd() == 16 << 20)
            }
        }

        @Test("A reset of one side reaches the other as a reset", arguments: [true, false])
        func resets(byClient: Bool) throws {
            let gate = Gate()
            self.backend.onConnection { connection in
                try connection.send("up")
                if byClient { _ = try connection.readToEnd() } else { try gate.wait() }
                if !byClient { connection.reset() }
            }
            let client = try self.proxy.connect()
            #expect(try client.read(2) == Array("up".utf8))
            if byClient {
                client.reset()
                #expect(eventually { self.backend.connections.last?.isOver == true })
                #expect((self.backend.connections.last?.error as? WireError)?.reason == .reset)
                #expect(self.proxy.accessLog(details: "downstream_reset")?.response_flags == "DC")
            } else {
                gate.open()
                #expect(throws: WireError.self) { try client.readToEnd() }
                #expect(self.proxy.accessLog(details: "upstream_closed")?.response_flags == "UC")
            }
        }

        @Test("A reset behind much is no end, whichever way it went", arguments: [true, false])
        func resetsBehindMuch(byClient: Bool) throws {
            let much = [UInt8](repeating: 0x78, count: 16 << 20)
            self.backend.onConnection { connection in
                if byClient { _ = try connection.countToEnd() } else { try connection.send(much) }
                connection.reset()
            }
            for _ in 0..<10 {
                let client = try self.proxy.connect()
                if byClient {
                    try client.send(much)
                    client.reset()
                    #expect(eventually { self.backend.connections.last?.isOver == true })
                    #expect((self.backend.connections.last?.error as? WireError)?.reason == .reset)
                } else {
                    #expect(throws: WireError.self) { try client.countToEnd() }
                }
            }
        }

        @Test("A service that resets while the client sends has not ended for the client")
        func resetsWhileTaking() throws {
            let gate = Gate()
            self.backend.onConnection { connection in
                try connection.send("part")
                try gate.wait()
                connection.reset()
            }
            let client = try self.proxy.connect()
            #expect(try client.read(4) == Array("part".utf8))
            _ = try client.socket.writeUntilBlocked(atMost: 64 << 20, milliseconds: 300)
            gate.open()
            #expect(throws: WireError.self) { try client.readToEnd() }
            #expect(self.proxy.accessLog(details: "upstream_closed")?.response_flags == "UC")
        }

        @Test("A connection on which nothing passes is closed after the route's idle time")
        func idle() throws {
            let client = try self.proxy.connect("quick")
            for _ in 0..<6 {
                try client.send("x")
                #expect(try client.read(1) == [0x78])
                #expect(!client.hasInput(within: 100))
            }
            #expect(try client.isAtEnd())
            let entry = try #require(self.proxy.accessLog(details: "idle_timeout"))
            #expect(entry.response_flags == "SI")
            #expect(entry.duration >= 700)
        }

        @Test("A listener and a route have no more connections than their limits allow")
        func limits() throws {
            for (listener, limit) in [("few", 2), ("limited", 1)] {
                var open: [RawConnection] = []
                for _ in 0..<limit {
                    let client = try self.proxy.connect(listener)
                    try client.send("x")
                    #expect(try client.read(1) == [0x78])
                    open.append(client)
                }
                let refused = try self.proxy.connect(listener)
                #expect((try? refused.isAtEnd()) ?? true)
                let entry = self.proxy.accessLog {
                    $0.response_code_details == "connection_limit" && $0.listener_name == listener
                }
                #expect(entry?.response_flags == "UO")
                // One that goes makes room.
                open.removeLast().socket.close()
                #expect(
                    try eventually {
                        let next = try self.proxy.connect(listener)
                        try? next.send("x")
                        return (try? next.read(1)) == [0x78]
                    })
            }
        }

        @Test("A connect that fails is tried at other endpoints before the client is let go")
        func otherEndpoints() throws {
            for _ in 0..<6 {
                let client = try self.proxy.connect("retried")
                try client.send("hello")
                #expect(try client.read(5) == Array("hello".utf8))
            }
            let dead = try self.proxy.connect("dead")
            try dead.send("hello")
            #expect((try? dead.isAtEnd()) ?? true)
            let entry = try #require(self.proxy.accessLog { $0.upstream_cluster == "dead" })
            #expect(entry.response_flags == "UF")
            #expect(entry.upstream_request_attempt_count == 2)
        }

        @Test("Without a rule that matches, the connection is closed")
        func noRule() throws {
            let client = try self.proxy.connect("unserved")
            #expect((try? client.isAtEnd()) ?? true)
            let entry = try #require(self.proxy.accessLog { $0.listener_name == "unserved" })
            #expect(entry.response_flags == "NR")
            #expect(entry.response_code_details == "route_not_found")
        }

        @Test("A connection waits for room in the service's pool, as long as a connect may take")
        func poolFull() throws {
            let first = try self.proxy.connect("full")
            try first.send("x")
            #expect(try first.read(1) == [0x78])
            let second = try self.proxy.connect("full")
            try second.send("later")
            #expect(!second.hasInput(within: 50))
            first.socket.endWriting()
            #expect(try first.readToEnd() == Array("bye".utf8))
            #expect(try second.read(5) == Array("later".utf8))
            let third = try self.proxy.connect("full")
            try third.send("never")
            #expect((try? third.isAtEnd()) ?? true)
            #expect(
                self.proxy.accessLog { $0.upstream_cluster == "full" && $0.response_flags == "UO" } != nil)
        }

        @Test("Bytes and connections are counted under Istio's names")
        func metrics() throws {
            let service = ["destination_service_name": "backend", "request_protocol": "tcp"]
            func sum(_ name: String) throws -> Int { try self.proxy.sum("istio_tcp_\(name)_total", service) }
            let before = try ["received_bytes", "sent_bytes", "connections_opened"].map { try sum($0) }
            let client = try self.proxy.connect()
            try client.send("12345")
            #expect(try client.read(5).count == 5)
            // While it is open.
            #expect(try eventually { try sum("received_bytes") - before[0] == 5 })
            #expect(try eventually { try sum("sent_bytes") - before[1] == 5 })
            #expect(try sum("connections_opened") - before[2] == 1)
            let closed = try sum("connections_closed")
            client.socket.endWriting()
            _ = try client.readToEnd()
            #expect(try eventually { try sum("connections_closed") == closed + 1 })
            #expect(try sum("sent_bytes") - before[1] == 8)
        }
    }
}
