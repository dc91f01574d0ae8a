import PluginNet
import TestSupport
import Testing

@Suite(.ownThread) struct HTTPClientTests {
    let backend: RawBackend
    let url: HTTPURL

    init() throws {
        self.backend = try RawBackend()
        self.url = try #require(HTTPURL("http://\(self.backend.address)/push"))
    }

    func client(limit: Int = 1 << 20) -> HTTPClient {
        HTTPClient(self.url, timeout: .seconds(20), limit: limit)
    }

    func answer(_ text: String, thenClose: Bool = false) throws -> HTTPAnswer {
        self.backend.on("/push", answer: text, thenClose: thenClose)
        var client = self.client()
        return try client.send("POST", body: [1])
    }

    @Test("A request has its fields and body, and one connection carries many")
    func requests() throws {
        var client = self.client()
        for number in 0..<3 {
            let answer = try client.send(
                "POST", number == 2 ? "/other?x" : nil,
                fields: [("content-type", "a/b"), ("x-n", "\(number)")],
                body: Array("body \(number)".utf8))
            #expect(answer.status == 200 && answer.body == Array("backend".utf8))
        }
        #expect(self.backend.connections.count == 1)
        let seen = self.backend.takeRequests()
        #expect(seen.map(\.target) == ["/push", "/push", "/other?x"])
        #expect(seen.map { String(decoding: $0.body, as: UTF8.self) } == ["body 0", "body 1", "body 2"])
        #expect(seen[1]["host"] == self.backend.address && seen[1]["x-n"] == "1")
    }

    @Test("Answers with a length, in chunks, until the end, without a body and behind interim ones are read")
    func answers() throws {
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n"
            + "A\r\n0123456789\r\n0\r\nT: 1\r\n\r\n"
        #expect(try self.answer(chunked).body == Array("abc0123456789".utf8))
        #expect(try self.answer("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 204 No\r\nA:  b \r\n\r\n").field("a") == "b")
        #expect(try self.answer("HTTP/1.0 500 Bad\r\n\r\nwhy", thenClose: true).excerpt() == "why")
        let busy = try self.answer("HTTP/1.1 429 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
        #expect(busy.status == 429 && busy.retryAfter == .seconds(7))
    }

    @Test(
        "Answers that HTTP does not allow are errors",
        arguments: [
            "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n",
            "HTTP/1.1 101 Switching\r\n\r\n",
        ])
    func malformed(_ text: String) {
        #expect {
            _ = try self.answer(text, thenClose: true)
        } throws: {
            ($0 as? NetError)?.code == .malformed
        }
    }

    @Test(
        "A kept connection that was closed is replaced, and a request without an answer sent again"
    )
    func replaced() throws {
        var client = self.client()
        _ = try client.send("POST", body: [1])
        self.backend.dropConnections()
        #expect(try client.send("POST", body: [2]).status == 200)
        // Closed only when the request has come.
        self.backend.on("/once") { connection, head in
            _ = try connection.finish(head)
            return false
        }
        #expect {
            _ = try client.send("POST", "/once", body: [3])
        } throws: {
            "\($0)".contains("closed the connection without an answer")
        }
        #expect(self.backend.connections.count == 2)
    }

    @Test("An answer that does not come in time is an error, and the next call begins anew")
    func slow() throws {
        let gate = Gate()
        self.backend.on("/slow") { _, _ in
            try gate.wait()
            return false
        }
        defer { gate.open() }
        var client = HTTPClient(self.url, timeout: .milliseconds(100))
        #expect { _ = try client.send("GET", "/slow") } throws: { ($0 as? NetError)?.code == .timedOut }
        #expect(try client.send("GET").status == 200)
    }
}
