import TestSupport
import Testing

extension Scenarios {
    /// What comes before a protocol: PROXY headers, ClientHellos, and which protocol it is.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: names, address: "127.0.0.1:0", protocol: tcp, timeouts: { header: 300ms } }
              - { name: mixed, address: "127.0.0.2:0", protocol: auto, timeouts: { detection: 300ms } }
              - { name: waiting, address: "127.0.0.3:0", protocol: auto }
              - name: behind
                address: "127.0.0.4:0"
                protocol: tcp
                proxyProtocol: accept
                timeouts: { header: 300ms }
              - { name: web, address: "127.0.0.5:0", proxyProtocol: accept }
              - { name: pages, address: "127.0.0.6:0", protocol: auto }
            routes:
              - { name: pages, rules: [{ directResponse: { status: 200, body: page } }] }
            tcpRoutes:
              - name: names
                listeners: [names]
                rules:
                  - { match: { sni: a.example.com }, service: a }
                  - { match: { sni: "*.example.com", alpn: postgresql }, service: b }
              - name: mixed
                listeners: [mixed]
                rules: [{ match: { sni: a.example.com }, service: a }, { service: b }]
              - name: behind
                listeners: [behind]
                rules:
                  - { match: { sourceAddresses: 10.0.0.0/8 }, service: line }
                  - { service: binary }
            services:
              - { name: a, endpoints: [{a}] }
              - { name: b, endpoints: [{b}] }
              - { name: line, endpoints: [{a}], proxyProtocol: v1 }
              - { name: binary, endpoints: [{a}], proxyProtocol: v2 }
            """, backends: ["a", "b"])
    ) struct TCPPrefaceTests {
        let proxy: ProxyProcess

        init() throws {
            self.proxy = try Scenario.current.proxy
            for name in ["a", "b"] {
                // Says its name, and then sends back what it is sent.
                try Scenario.current.backend(name).onConnection { connection in
                    let first = try connection.readSome()
                    try connection.send(Array("\(name):".utf8) + first)
                    while case let bytes = try connection.readSome(), !bytes.isEmpty {
                        try connection.send(bytes)
                    }
                }
            }
        }

        /// What comes back, up to the end, when these bytes are sent and then the end.
        private func exchange(_ listener: String, _ parts: [[UInt8]]) throws -> [UInt8] {
            let client = try self.proxy.connect(listener)
            for part in parts { try client.send(part) }
            client.socket.endWriting()
            return (try? client.readToEnd()) ?? Array("reset".utf8)
        }

        private func exchange(_ listener: String, _ text: String) throws -> String {
            String(decoding: try self.exchange(listener, [Array(text.utf8)]), as: UTF8.self)
        }

        @Test("TLS passes as it came to the service of the name that the client asks for")
        func serverName() throws {
            let hello = MadeClientHello(name: "A.example.com").bytes + [20, 3, 3, 0, 1, 1]
            #expect(try self.exchange("names", [hello]) == Array("a:".utf8) + hello)
            // In records of seven bytes, and one byte at a time.
            var cut = MadeClientHello(name: "db.example.com", protocols: ["h2", "postgresql"])
            cut.recordSize = 7
            let answer = try self.exchange("names", cut.bytes.map { [$0] })
            #expect(answer == Array("b:".utf8) + cut.bytes)
            let entry = try #require(self.proxy.accessLog { $0.requested_server_name == "db.example.com" })
            #expect(entry.upstream_cluster == "b")
            #expect(entry.bytes_received == cut.bytes.count)
        }

        @Test("Names that no rule has, and bytes that are no ClientHello, are not passed on")
        func refusedHellos() throws {
            for hello in [
                MadeClientHello(name: "b.example.com").bytes,
                MadeClientHello(name: "a.example.com.org").bytes,
                MadeClientHello().bytes, Array("GET / HTTP/1.1\r\n\r\n".utf8),
            ] {
                #expect(
                    try ["", "reset"].contains(
                        String(decoding: self.exchange("names", [hello]), as: UTF8.self)))
            }
            var bad = MadeClientHello(name: "a.example.com")
            bad.extensions?.append((0, MadeClientHello.nameList("b.example.com")))
            #expect(
                try ["", "reset"].contains(
                    String(decoding: self.exchange("names", [bad.bytes]), as: UTF8.self)))
            let entry = self.proxy.accessLog(details: "tls_client_hello_repeated_extension")
            #expect(entry?.response_flags == "DPE")
        }

        @Test(
            "A client that does not come to the end of its ClientHello or PROXY header is closed",
            arguments: ["names", "behind"])
        func slow(listener: String) throws {
            let client = try self.proxy.connect(listener)
            if listener == "names" {
                try client.send(Array(MadeClientHello(name: "a.example.com").bytes.prefix(40)))
            }
            #expect((try? client.isAtEnd()) ?? true)
            let entry = self.proxy.accessLog {
                $0.listener_name == listener && $0.response_code_details == "preface_timeout"
            }
            #expect(entry?.response_flags == "SI")
        }

        @Test("One port takes HTTP/1, HTTP/2, TLS and everything else")
        func detection() throws {
            let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            #expect(try self.exchange("mixed", request).hasSuffix("\r\n\r\npage"))
            #expect(try self.exchange("mixed", "\r\n" + request).hasSuffix("\r\n\r\npage"))
            #expect(try self.exchange("mixed", "*1\r\n$4\r\nPING\r\n") == "b:*1\r\n$4\r\nPING\r\n")
            #expect(try self.exchange("mixed", "CONNECT {}\r\n") == "b:CONNECT {}\r\n")
            let hello = MadeClientHello(name: "a.example.com").bytes
            #expect(try self.exchange("mixed", [hello]) == Array("a:".utf8) + hello)
            let other = MadeClientHello(name: "z.example.com").bytes
            #expect(try self.exchange("mixed", [other]) == Array("b:".utf8) + other)
            // SETTINGS answers the preface.
            let client = try self.proxy.connect("mixed")
            try client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
            #expect(try client.read(9)[3] == 4)
        }

        @Test("Who has begun has the time of a head, not that of a silent client")
        func slowHello() throws {
            let hello = MadeClientHello(name: "a.example.com").bytes
            let client = try self.proxy.connect("mixed")
            try client.send(Array(hello.prefix(40)))
            #expect(!client.hasInput(within: 600))
            try client.send(Array(hello.dropFirst(40)))
            #expect(try client.read(2 + hello.count) == Array("a:".utf8) + hello)
        }

        @Test("What came before an early end is served, or refused with a word in the log")
        func earlyEnd() throws {
            #expect(try self.exchange("mixed", "hello") == "b:hello")
            let part = Array(MadeClientHello(name: "a.example.com").bytes.prefix(40))
            #expect(
                try ["", "reset"].contains(String(decoding: self.exchange("names", [part]), as: UTF8.self)))
            let entry = self.proxy.accessLog(details: "preface_incomplete")
            #expect(entry?.response_flags == "DPE")
        }

        @Test("A silent client of a port for everything waits for the service, where that is allowed")
        func silence() throws {
            try Scenario.current.backend("b").onConnection { connection in
                try connection.send("welcome")
                _ = try connection.readToEnd()
            }
            #expect(try self.proxy.connect("mixed").read(7) == Array("welcome".utf8))
            #expect(try !self.proxy.connect("waiting").hasInput(within: 600))
        }

        @Test("A port for everything that nobody serves but HTTP answers as HTTP")
        func badRequest() throws {
            #expect(try self.exchange("pages", "HELO\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        }

        @Test("What a PROXY header says stands for the client, and goes on to the service")
        func proxyHeader() throws {
            let line = "PROXY TCP4 10.1.2.3 192.0.2.1 5000 443\r\n"
            #expect(try self.exchange("behind", line + "hi") == "a:\(line)hi")
            let entry = try #require(self.proxy.accessLog { $0.upstream_cluster == "line" })
            #expect(entry.downstream_remote_address == "10.1.2.3:5000")
            #expect(entry.downstream_local_address == "192.0.2.1:443")
            let portless = "PROXY TCP4 10.1.2.4 192.0.2.1 0 443\r\n"
            #expect(try self.exchange("behind", portless + "hi") == "a:\(portless)hi")
            let six = try self.exchange("behind", "PROXY TCP6 2001:db8::7 ::1 5000 443\r\nhi")
            #expect(six.hasPrefix("a:\r\n\r\n\0\r\nQUIT\n!!\0$"))
            #expect(self.proxy.accessLog { $0.downstream_remote_address == "[2001:db8::7]:5000" } != nil)
            // One of its own, to check health.
            let own = try self.exchange("behind", "PROXY UNKNOWN\r\nhi")
            #expect(own.hasPrefix("a:\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{c}\u{7f}\0\0\u{1}"))
        }

        @Test("Filters, fields and logs see the client that a PROXY header names")
        func proxyHeaderBeforeHTTP() throws {
            let request = "GET /proxied HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            #expect(
                try self.exchange("web", "PROXY TCP4 10.1.2.3 192.0.2.1 5000 443\r\n" + request)
                    .hasSuffix("\r\n\r\npage"))
            let entry = try #require(self.proxy.accessLog("/proxied").first)
            #expect(entry.downstream_remote_address == "10.1.2.3:5000")
            #expect(entry.x_forwarded_for == "10.1.2.3")
            #expect(try ["", "reset"].contains(self.exchange("web", request)))
            #expect(self.proxy.accessLog(details: "proxy_header_missing")?.response_flags == "DPE")
        }
    }
}
