import TestSupport
import Testing

extension Scenarios {
    /// Every message of `Tests/Corpus`, through the real binary.
    @Suite(.scenario(Scenarios.relay)) struct RawCorpusTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
        }

        @Test("A raw request meets what the corpus says", arguments: try CorpusCase.load("requests"))
        func request(of example: CorpusCase) throws {
            self.backend.forget()
            _ = self.backend.takeRequests()
            let before = self.backend.receivedCount
            let client = try self.scenario.proxy.connect()
            try client.send(example.send)
            let response = try client.readResponse()
            #expect(response.status == example.refusal ?? 200)
            if let details = example.first("details") { #expect(response.text.hasSuffix(": \(details)\n")) }
            try self.expectNext(client, isServed: example.isNextServed)

            switch example.first("backend") {
            case "nothing":
                #expect(self.backend.receivedCount == before)
            case "aborted":
                #expect(eventually { self.backend.connections.contains { $0.isOver } })
                #expect(self.backend.takeRequests().isEmpty)
            default:
                let request = try #require(self.backend.takeRequests().first)
                #expect(request.startLine == example.first("backend"))
                self.expectFields(request.fields, example, "backend")
                if let body = example.body { #expect(request.body == body) }
                #expect(request.trailers == example.all("trailer"))
            }
        }

        @Test("A raw response meets what the corpus says", arguments: try CorpusCase.load("responses"))
        func response(to example: CorpusCase) throws {
            let answer = example.send
            self.backend.on("/corpus") { connection, head in
                _ = try connection.finish(head)
                try connection.send(answer)
                connection.socket.endWriting()
                _ = try connection.readToEnd()
                return false
            }
            let kind = example.first("request") ?? "GET"
            let method = kind == "HEAD" ? kind : "GET"
            let fields = kind == "upgrade" ? "Connection: upgrade\r\nUpgrade: websocket\r\n" : ""
            let client = try self.scenario.proxy.connect()
            try client.send(
                "\(method) /corpus HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
            )
            guard let status = example.first("client") else {
                let response = try client.readResponse()
                #expect(response.status == 502)
                #expect(response.text.isEmpty || !response.text.contains("hello"))
                return try self.expectNext(client, isServed: example.isNextServed)
            }
            if example.refusal != nil {
                #expect(try client.readHead().startLine.contains(status))
                #expect(throws: WireError.self) { _ = try client.readToEnd() }
                return
            }
            let response = try client.readResponse(toHead: kind == "HEAD")
            #expect("\(response.status)" == status)
            self.expectFields(response.fields, example, "client")
            if let body = example.body { #expect(response.body == body) }
            #expect(response.trailers == example.all("trailer"))
            try self.expectNext(client, isServed: example.isNextServed)
        }

        /// What a further request on the connection meets.
        private func expectNext(_ client: RawConnection, isServed: Bool) throws {
            guard isServed else {
                #expect(try client.isAtEnd())
                return
            }
            try client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.text == self.backend.name)
        }

        private func expectFields(_ fields: [String], _ example: CorpusCase, _ side: String) {
            for field in example.all("\(side)-field") {
                let expected = String(decoding: CorpusCase.unescape(field), as: UTF8.self)
                // `x-forwarded-for` grows by the peer's address.
                #expect(
                    fields.contains { $0.trimmed == expected.trimmed || $0.hasPrefix("\(expected), ") },
                    "no '\(expected)' among \(fields)")
            }
            for name in example.all("\(side)-without") {
                #expect(!fields.contains { $0.hasPrefix("\(name):") })
            }
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(self.reversed().drop { $0 == " " }.reversed()) }
}
