import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `compress` between real clients and services.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0", filters: [{ plugin: compress }] }
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /own } }
                    directResponse: { body: "\(Pages.own)" }
                  - match: { path: { prefix: /json } }
                    filters:
                      - plugin: transform
                        config: { response: { body: { json: { set: { /more: true } } } } }
                    service: backend
                  - service: backend
            services:
              - { name: backend, endpoints: [{backend}] }
            """, versions: HTTPVersion.allCases))
    struct CompressionTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
        }

        private func ask(_ target: String, _ encoding: String, method: String = "GET") throws -> RawMessage {
            try self.scenario.ask(target, method: method, fields: "Accept-Encoding: \(encoding)\r\n")
        }

        @Test(
            "A page goes compressed to whom understands it, and plain to others",
            arguments: ["gzip", "br", "zstd"])
        func pages(_ encoding: String) throws {
            let length = "Content-Length: \(Pages.long.utf8.count)\r\n"
            self.backend.on(
                "/page",
                answer:
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: \"1\"\r\n\(length)\r\n\(Pages.long)")
            let response = try self.ask("/page", encoding)
            #expect(response["content-encoding"] == encoding)
            let chunked = self.scenario.version == .http1 ? "chunked" : nil
            #expect(response["content-length"] == nil && response["transfer-encoding"] == chunked)
            #expect(response["etag"] == "W/\"1\"" && response["vary"] == "Accept-Encoding")
            #expect(response.body.count < 20_000)
            #expect(try ContentDecoding.text(response.body, encoding) == Pages.long)
            let plain = try self.ask("/page", "identity")
            #expect(plain.text == Pages.long && plain["vary"] == "Accept-Encoding")
            #expect(plain["content-length"] == "\(Pages.long.utf8.count)" && plain["etag"] == "\"1\"")
        }

        @Test("A client of HTTP/1.0 gets it compressed until the connection ends")
        func http10() throws {
            self.backend.on(
                "/old",
                answer:
                    "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n"
                    + "Content-Length: \(Pages.long.utf8.count)\r\n\r\n\(Pages.long)"
            )
            let connection = try self.scenario.proxy.connect()
            try connection.send("GET /old HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
            let response = try connection.readResponse()
            #expect(response["content-length"] == nil && response["transfer-encoding"] == nil)
            #expect(try ContentDecoding.text(response.body, "gzip") == Pages.long)
        }

        @Test("An event is at the client before the next one happens")
        func events() throws {
            let gate = Gate()
            self.backend.on("/events") { connection, _ in
                try connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                try connection.send("9\r\ndata: 1\n\n\r\n")
                try gate.wait()
                try connection.send("9\r\ndata: 2\n\n\r\n0\r\n\r\n")
                return true
            }
            let connection = try self.scenario.proxy.connect()
            try connection.send("GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
            _ = try connection.readHead()
            var body = try connection.readChunk()
            while try ContentDecoding.text(body, "gzip", isWhole: false) != "data: 1\n\n" {
                body += try connection.readChunk()
            }
            gate.open()
            while case let chunk = try connection.readChunk(), !chunk.isEmpty { body += chunk }
            #expect(try ContentDecoding.text(body, "gzip") == "data: 1\n\ndata: 2\n\n")
        }

        @Test("Trailers come behind a compressed body that is whole")
        func trailers() throws {
            self.backend.on(
                "/trailers",
                answer: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
                    + "Trailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n")
            for encoding in ["gzip", "br", "zstd"] {
                let response = try self.ask("/trailers", encoding)
                #expect(try ContentDecoding.text(response.body, encoding) == "hello")
                #expect(response.trailers == ["x-sum: 1"])
            }
            #expect(try self.ask("/trailers", "identity").text == "hello")
        }

        @Test("A body that a filter has kept whole and changed is compressed, with its trailers behind it")
        func changed() throws {
            let items = String(repeating: "1,", count: 2000)
            let size = String(items.utf8.count + 9, radix: 16)
            self.backend.on(
                "/json",
                answer:
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "\(size)\r\n{\"a\":[\(items)0]}\r\n0\r\nx-sum: 1\r\n\r\n"
            )
            let response = try self.ask("/json", "zstd")
            #expect(try ContentDecoding.text(response.body, "zstd") == "{\"a\":[\(items)0],\"more\":true}")
            #expect(response.trailers == ["x-sum: 1"])
        }

        @Test("The gateway's own long answers are compressed, too; to HEAD there is no body")
        func own() throws {
            let response = try self.ask("/own", "gzip")
            #expect(response["content-encoding"] == "gzip")
            #expect(try ContentDecoding.text(response.body, "gzip") == Pages.own)
            let head = try self.ask("/own", "gzip", method: "HEAD")
            #expect(
                head.status == 200 && head["content-encoding"] == nil && head["vary"] == "Accept-Encoding")
        }
    }
}

private enum Pages {
    static let own = String(repeating: "all is well, ", count: 200)
    static let long = (1...8000).map { "<li>item \($0)</li>\n" }.joined()
}
