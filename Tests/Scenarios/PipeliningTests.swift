import TestSupport
import Testing

extension Scenarios {
    /// Clients that do not wait for an answer before they ask again.
    @Suite(.scenario(Scenarios.relay)) struct PipeliningTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            self.backend.on("/echo") { connection, head in
                let request = try connection.finish(head)
                let text = "\(head.target) \(request.text)"
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
                return true
            }
        }

        private func request(_ number: Int) -> String {
            switch number % 3 {
            case 0: "GET /echo?\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
            case 1: "POST /echo?\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            default:
                "POST /echo?\(number) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "4\r\nbody\r\n0\r\n\r\n"
            }
        }

        private func answer(_ number: Int) -> String { "/echo?\(number) \(number % 3 == 0 ? "" : "body")" }

        @Test("Two hundred requests in one write are answered in their order")
        func manyAtOnce() throws {
            let client = try self.proxy.connect()
            try client.send((0..<200).map(self.request).joined())
            for number in 0..<200 { #expect(try client.readResponse().text == self.answer(number)) }
        }

        @Test("Requests cut at odd places are answered in their order", arguments: [1, 7, 61])
        func cut(every count: Int) throws {
            let client = try self.proxy.connect()
            let all = Array((0..<6).map(self.request).joined().utf8)
            for start in stride(from: 0, to: all.count, by: count) {
                try client.send(Array(all[start..<min(start + count, all.count)]))
            }
            for number in 0..<6 { #expect(try client.readResponse().text == self.answer(number)) }
        }

        @Test("A request behind a slow one waits for its turn")
        func slowFirst() throws {
            let gate = Gate()
            self.backend.on("/slow") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            _ = self.backend.takeRequests()
            let client = try self.proxy.connect()
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n\(self.request(0))")
            #expect(!client.hasInput(within: 50))
            gate.open()
            #expect(try client.readResponse().text == "slow")
            #expect(try client.readResponse().text == self.answer(0))
        }

        @Test("A client that is reset in the middle takes no other with it")
        func clientLeaves() throws {
            let gate = Gate()
            let asked = Gate()
            self.backend.on("/held") { connection, _ in
                asked.open()
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
                return true
            }
            let client = try self.proxy.connect()
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n\(self.request(1))\(self.request(2))")
            try asked.wait()
            client.reset()
            gate.open()
            #expect(try Scenario.current.ask("/echo?9").text == "/echo?9 ")
            #expect(self.proxy.accessLog("/held").first?.response_flags.contains("DC") == true)
        }

        @Test("A refused request in the middle ends the connection after the answers before it")
        func refusedSecond() throws {
            let client = try self.proxy.connect()
            try client.send("\(self.request(0))GET / HTTP/1.1\r\n\r\n\(self.request(3))")
            #expect(try client.readResponse().text == self.answer(0))
            #expect(try client.readResponse().status == 400)
            #expect(try client.isAtEnd())
        }
    }
}
