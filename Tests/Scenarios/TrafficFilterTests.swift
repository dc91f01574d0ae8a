import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `cors`, `ip-restriction`, `body-limit` and `transform` between real clients and services.
    @Suite(
        .scenario(
            Traffic.configuration, files: ["denied.txt": "# nobody yet\n"], versions: HTTPVersion.allCases))
    struct TrafficFilterTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        @Test("A preflight request is answered without the service, and the page may read what follows")
        func cors() throws {
            let preflight = try self.scenario.ask(
                "/api", method: "OPTIONS",
                fields: "Origin: https://app.example.com\r\nAccess-Control-Request-Method: PUT\r\n")
            #expect(preflight.status == 200)
            #expect(preflight["access-control-allow-origin"] == "https://app.example.com")
            #expect(preflight["access-control-allow-methods"] == "GET, PUT")
            #expect(preflight["content-length"] == "0")
            #expect(self.backend.takeRequests().isEmpty)
            let response = try self.scenario.ask("/api", fields: "Origin: https://app.example.com\r\n")
            #expect(response.status == 200)
            #expect(response["access-control-allow-origin"] == "https://app.example.com")
            #expect(response["vary"] == "Origin")
            let other = try self.scenario.ask("/api", fields: "Origin: https://evil.example\r\n")
            #expect(other.status == 200)
            #expect(other["access-control-allow-origin"] == nil)
            #expect(other["vary"] == "Origin")
        }

        @Test("A list of addresses in a file is in force as soon as the file changes; a bad one is refused")
        func addresses() throws {
            let ask = { try self.scenario.ask("/listed", fields: "x-forwarded-for: 203.0.113.9\r\n").status }
            #expect(try ask() == 200)
            let list = self.scenario.folder
            #expect(
                try self.scenario.proxy.reload { _ = try list.write("203.0.113.0/24\n", to: "denied.txt") })
            #expect(try ask() == 403)
            #expect(
                try !self.scenario.proxy.reload { _ = try list.write("203.0.113.0/240\n", to: "denied.txt") })
            #expect(try ask() == 403)
            #expect(eventually { self.scenario.proxy.log.contains("line 1 must be an address or a network") })
            #expect(try self.scenario.proxy.reload { _ = try list.write("# nobody\n", to: "denied.txt") })
            #expect(try ask() == 200)
        }

        @Test("The address that counts is that of the first hop that is not trusted")
        func hops() throws {
            let denied = try self.scenario.ask("/hops", fields: "x-forwarded-for: 198.51.100.1, 10.0.0.1\r\n")
            #expect(denied.status == 403)
            let allowed = try self.scenario.ask(
                "/hops", fields: "x-forwarded-for: 10.0.0.1, 198.51.100.1\r\n")
            #expect(allowed.status == 200)
        }

        @Test("A request that is too large is refused: by its length before it is sent, or while it comes")
        func bodies() throws {
            let connection = try self.scenario.proxy.connect()
            try connection.send(
                "POST /limited HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\nExpect: 100-continue\r\n\r\n")
            let refused = try connection.readResponse()
            #expect(refused.status == 413 && refused.informational.isEmpty)
            let chunked = try self.scenario.proxy.connect()
            try chunked.send("POST /limited HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 1...3 { try chunked.send("6\r\n012345\r\n") }
            #expect(try chunked.readResponse().status == 413)
            #expect(try self.scenario.ask("/limited", method: "POST", body: "0123456789012345").status == 200)
            #expect(self.backend.takeRequests().map(\.text) == ["0123456789012345"])
            #expect(try self.scenario.ask("/roomy", method: "POST", body: "01234567890123456").status == 200)
        }

        @Test("A response that is too large is replaced, or cut off when it did not say so")
        func responses() throws {
            let body = String(repeating: "x", count: 33)
            self.backend.on(
                "/limited/long", answer: "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n\(body)",
                thenClose: true)
            #expect(try self.scenario.ask("/limited/long").status == 502)
            let chunked = "Transfer-Encoding: chunked\r\n\r\n21\r\n\(body)\r\n0\r\n\r\n"
            self.backend.on("/limited/endless", answer: "HTTP/1.1 200 OK\r\n\(chunked)", thenClose: true)
            #expect(throws: (any Error).self) { try self.scenario.ask("/limited/endless") }
        }

        @Test("A JSON body is changed on both ways, and its length with it")
        func transform() throws {
            self.backend.on("/changed") { connection, head in
                let request = try connection.finish(head)
                let echo = "{\"got\":\(request.text),\"internal\":1}"
                try connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"1\"\r\n"
                        + "Content-Length: \(echo.utf8.count)\r\n\r\n\(echo)")
                return true
            }
            let response = try self.scenario.ask(
                "/changed?debug=1&a=b", method: "POST", fields: "Content-Type: application/json\r\n",
                body: #"{"name":"jason","password":"x"}"#)
            #expect(response.text == #"{"got":{"name":"jason","by":"127.0.0.1"}}"#)
            #expect(response["content-length"] == "\(response.body.count)")
            #expect(response["etag"] == nil)
            let bad = try self.scenario.ask(
                "/changed", method: "POST", fields: "Content-Type: application/json\r\n", body: "{")
            #expect(bad.status == 400)
            #expect(bad.text == "the body cannot be changed: not JSON: expected a key at byte 1\n")
            let large = try self.scenario.ask(
                "/changed", method: "POST", fields: "Content-Type: application/json\r\n",
                body: "[\(String(repeating: " ", count: 1100))]")
            #expect(large.status == 413)
            self.backend.on(
                "/changed/bad",
                answer: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{]")
            let broken = try self.scenario.ask("/changed/bad")
            #expect(broken.status == 502)
            #expect(
                broken.text == "the service's answer cannot be changed: not JSON: expected a key at byte 1\n")
        }
    }
}

private enum Traffic {
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            forwarded: { trustedHops: 1 }
            filters:
              - plugin: body-limit
                config: { request: 1MiB }
        routes:
          - name: shop
            rules:
              - match: { path: { prefix: /api } }
                filters:
                  - plugin: cors
                    config: { origins: ["https://app.example.com"], methods: [GET, PUT] }
                service: backend
              - match: { path: { prefix: /listed } }
                filters:
                  - { plugin: ip-restriction, config: { denyFrom: { file: denied.txt } } }
                service: backend
              - match: { path: { prefix: /hops } }
                filters:
                  - { plugin: ip-restriction, name: hops, config: { allow: [198.51.100.0/24] } }
                service: backend
              - match: { path: { prefix: /limited } }
                filterConfig: [{ filter: body-limit, config: { request: 16B, response: 32B } }]
                service: backend
              - match: { path: { prefix: /changed } }
                filters:
                  - plugin: transform
                    config:
                      request:
                        query: { remove: [debug] }
                        body:
                          json: { remove: [/password], set: { /by: "%{source.address}" } }
                          limit: 1KiB
                      response: { body: { json: { remove: [/internal] } } }
                service: backend
              - service: backend
        services:
          - { name: backend, endpoints: [{backend}] }
        """
}
