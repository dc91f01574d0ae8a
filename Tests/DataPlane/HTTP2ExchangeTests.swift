internal import Filtering
internal import Foundation
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    /// One request of HTTP/2 and its response, in every shape that they can have.
    @Suite struct HTTP2ExchangeTests {
        let backend: RawBackend
        let worker: WorkerUnderTest

        init() throws {
            self.backend = try RawBackend()
            self.worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend))
        }

        @Test("Responses without a body end with their head", arguments: [204, 304])
        func bodyless(status: Int) throws {
            self.backend.on("/none", answer: "HTTP/1.1 \(status) X\r\nETag: \"a\"\r\n\r\n")
            let answer = try self.worker.connectHTTP2().ask("/none")
            #expect(answer.status == status)
            #expect(answer["etag"] == "\"a\"")
            #expect(answer.body.isEmpty)
        }

        @Test("A response to HEAD has the length that GET would have, and no body")
        func head() throws {
            let client = try self.worker.connectHTTP2()
            let answer = try client.ask("/", method: "HEAD")
            #expect(answer.status == 200)
            #expect(answer["content-length"] == "7")
            #expect(answer.body.isEmpty)
            #expect(try client.ask().text == "backend")
        }

        @Test("Trailers pass in both directions")
        func trailers() throws {
            self.backend.on("/trailers") { connection, head in
                let request = try connection.finish(head)
                try connection.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                        + "x-sum: \(request.trailers.joined())\r\nContent-Length: 5\r\n\r\n")
                return true
            }
            let client = try self.worker.connectHTTP2()
            let stream = try client.request("/trailers", method: "POST", body: "body", end: false)
            try client.send(HTTP2Frames.headers(stream, [("x-mine", "1"), ("host", "evil")]))
            let answer = try client.finish(stream)
            #expect(answer.text == "ok")
            #expect(answer.trailers == ["x-sum: x-mine: 1"])
        }

        @Test("Informational responses pass, and 100 is our own")
        func informational() throws {
            self.backend.on("/hints") { connection, head in
                try connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                let request = try connection.finish(head)
                try connection.send("HTTP/1.1 100 Continue\r\n\r\n")
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\(request.text)")
                return true
            }
            let client = try self.worker.connectHTTP2()
            let stream = try client.request(
                "/hints", method: "POST", [("expect", "100-continue"), ("content-length", "4")], end: false)
            try client.read { client[stream].heads.count == 2 }
            try client.send(HTTP2Frames.data(stream, "body", end: true))
            let answer = try client.finish(stream)
            #expect(answer.heads.map { $0.first } == [":status: 100", ":status: 103", ":status: 200"])
            #expect(answer.heads[1].contains("link: </a>"))
            #expect(answer.text == "body")
        }

        @Test("A body of unknown length goes on in chunks, one of known length with that")
        func framing() throws {
            let client = try self.worker.connectHTTP2()
            _ = try client.ask(method: "POST", body: "hello")
            _ = try client.ask(method: "POST", [("content-length", "5")], body: "hello")
            _ = try client.ask(method: "POST", [("content-length", "0")])
            let requests = self.backend.takeRequests()
            #expect(requests.map { $0["transfer-encoding"] } == ["chunked", nil, nil])
            #expect(requests.map { $0["content-length"] } == [nil, "5", "0"])
            #expect(requests.map(\.text) == ["hello", "hello", ""])
        }

        @Test("A body that is not as long as was said is an error of its stream")
        func lengthMismatch() throws {
            let client = try self.worker.connectHTTP2()
            for body in ["hell", "hello!"] {
                let answer = try client.ask(method: "POST", [("content-length", "5")], body: body)
                #expect(answer.reset == "PROTOCOL_ERROR")
            }
            #expect(try client.ask().status == 200)
        }

        @Test("Cookies come as one, fields in lower case, and what ends at a hop stays there")
        func fields() throws {
            self.backend.on(
                "/fields",
                answer: "HTTP/1.1 200 OK\r\nX-UPPER: 1\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
                    + "Content-Length: 0\r\n\r\n")
            let client = try self.worker.connectHTTP2()
            _ = try client.ask("/", [("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers")])
            let request = try #require(self.backend.takeRequests().first)
            #expect(request.all("cookie") == ["a=1; b=2"])
            #expect(request["host"] == "a")
            #expect(request["te"] == nil)
            #expect(request["via"] == "2 postern")
            #expect(request["x-forwarded-proto"] == "http")
            let answer = try client.ask("/fields")
            #expect(answer["x-upper"] == "1")
            #expect(answer["x-hop"] == nil)
            #expect(answer["keep-alive"] == nil)
            #expect(answer["connection"] == nil)
        }

        @Test("A service that ends in the middle of its body resets the stream, and that alone")
        func serviceEnds() throws {
            self.backend.on(
                "/cut", answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", thenClose: true)
            let client = try self.worker.connectHTTP2()
            let answer = try client.ask("/cut")
            #expect(answer.status == 200)
            #expect(answer.reset == "INTERNAL_ERROR")
            #expect(try client.ask().text == "backend")
        }

        @Test("Body of which the end is not known before passes as it comes")
        func streaming() throws {
            let next = Gate()
            self.backend.on("/events") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\n\r\nfirst")
                try next.wait()
                try connection.send("second")
                return false
            }
            let client = try self.worker.connectHTTP2()
            let stream = try client.request("/events")
            try client.read { client[stream].text == "first" }
            #expect(!client[stream].isEnded)
            next.open()
            #expect(try client.finish(stream).text == "firstsecond")
        }

        // MARK: Early answers

        /// A worker that answers everything itself.
        private func direct(listener: String = "") throws -> WorkerUnderTest {
            try WorkerUnderTest(
                """
                version: 1
                listeners: [{ name: public, address: "127.0.0.1:0"\(listener) }]
                routes:
                  - { name: all, rules: [{ directResponse: { status: 403, body: "no" } }] }
                """)
        }

        @Test("With an early answer a small rest of the request may come", arguments: [0, 10, 65_536])
        func smallRest(length: Int) throws {
            let worker = try self.direct()
            let client = try worker.connectHTTP2()
            let stream = try client.request(
                "/early", method: "POST", [("content-length", "\(length)")], end: false)
            try client.read { client[stream].isEnded }
            var rest = length
            while rest > 0 {
                let count = min(rest, 16_384)
                rest -= count
                try client.send(HTTP2Frames.data(stream, String(repeating: "x", count: count)))
            }
            try client.send(HTTP2Frames.data(stream, "", end: true))
            try client.roundTrip()
            #expect(client[stream].text == "no")
            #expect(client[stream].reset == nil)
            #expect(try client.ask().status == 403)
            #expect(eventually { worker.onWorker { $0.spareExchanges.count == $0.exchanges.count } == true })
        }

        @Test(
            "With an early answer the client need not send any other rest",
            arguments: [
                [("content-length", "65537")], [], [("content-length", "5"), ("expect", "100-continue")],
            ])
        func largeRest(fields: [(String, String)]) throws {
            let worker = try self.direct()
            let client = try worker.connectHTTP2()
            let stream = try client.request(method: "POST", fields, end: false)
            try client.read { client[stream].reset != nil }
            #expect(client[stream].isEnded)
            #expect(client[stream].text == "no")
            #expect(client[stream].reset == "NO_ERROR")
            // What was on its way is no error.
            try client.send(HTTP2Frames.data(stream, "late", end: true))
            #expect(try client.ask().status == 403)
        }

        @Test("A small rest that does not come is not waited for for ever")
        func missingRest() throws {
            let worker = try self.direct(listener: ", timeouts: { body: 200ms }")
            let client = try worker.connectHTTP2()
            let stream = try client.request(method: "POST", [("content-length", "5")], end: false)
            try client.read { client[stream].reset != nil }
            #expect(client[stream].reset == "NO_ERROR")
            #expect(client[stream].text == "no")
        }

        // MARK: Filters

        @Test("A filter that collects a body sees all of it, and may replace it")
        func buffering() throws {
            let hooks = Hooks(
                requestHead: { _, _, _ in .buffer },
                requestBody: { stream, _, _ in
                    stream.replaceBody(ByteView("replaced"))
                    return .continue
                },
                responseHead: { _, _, _ in .buffer },
                responseBody: { stream, _, _ in
                    stream.replaceBody(ByteView("answer"))
                    return .continue
                })
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let answer = try worker.connectHTTP2().ask(method: "POST", body: "hello")
            #expect(answer.text == "answer")
            #expect(answer["content-length"] == "6")
            #expect(self.backend.takeRequests().first?.text == "replaced")
        }

        @Test("A filter's own answer ends a request that goes on")
        func responding() throws {
            let hooks = Hooks(requestHead: { stream, _, _ in
                _ = stream.respond(LocalResponse(status: 401, body: Array("who".utf8), details: "who"))
                return .responded
            })
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let client = try worker.connectHTTP2()
            for _ in 0..<3 {
                let stream = try client.request("/", method: "POST", body: "hello", end: false)
                try client.read { client[stream].reset != nil }
                #expect(client[stream].status == 401)
                #expect(client[stream].text == "who")
            }
            #expect(self.backend.receivedCount == 0)
        }

        @Test("A filter that wants the connection closed lets its other streams finish")
        func closing() throws {
            let hooks = Hooks(requestHead: { stream, _, _ in
                if stream.request.path.string == "/close" { stream.closeConnectionAfterwards() }
                return .continue
            })
            let gate = Gate()
            self.backend.on("/held") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
                return true
            }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let client = try worker.connectHTTP2()
            let held = try client.request("/held")
            #expect(try client.ask("/close").status == 200)
            try client.read { client.goAways.count == 2 }
            gate.open()
            #expect(try client.finish(held).text == "held")
            client.readToEnd()
        }
    }
}
