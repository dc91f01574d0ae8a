import TestSupport
import Testing

extension Scenarios {
    /// How large a head may be, and what is made of a path.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0", limits: { head: 1KiB, fields: 8, url: 256B } }
              - { name: merge, address: "127.0.0.2:0", normalizePath: { mergeSlashes: true } }
              - { name: reject, address: "127.0.0.3:0", normalizePath: { escapedSlashes: reject } }
              - { name: decode, address: "127.0.0.4:0", normalizePath: { escapedSlashes: decode } }
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /secret } }
                    directResponse: { status: 403 }
                  - service: backend
            services:
              - { name: backend, endpoints: [{backend}] }
            """)
    ) struct LimitTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        @Test(
            "A head within its limits passes, one beyond is refused",
            arguments: [
                // Host is not counted.
                (String(repeating: "a", count: 255), 0, 0, 200),
                (String(repeating: "a", count: 256), 0, 0, 414),
                ("", 8, 0, 200), ("", 9, 0, 431), ("", 0, 900, 200), ("", 0, 1024, 431),
            ])
        func limits(path: String, fields: Int, length: Int, status: Int) throws {
            let client = try self.scenario.proxy.connect()
            try client.send(
                "GET /\(path) HTTP/1.1\r\nHost: a\r\n" + String(repeating: "x: y\r\n", count: fields)
                    + (length > 0 ? "z: \(String(repeating: "z", count: length))\r\n" : "") + "\r\n")
            let response = try client.readResponse()
            #expect(response.status == status)
            #expect(self.backend.takeRequests().count == (status == 200 ? 1 : 0))
            if status == 200 { return }
            #expect(try client.isAtEnd())
            let details = status == 414 ? "url_too_long" : fields > 0 ? "too_many_fields" : "head_too_large"
            #expect(response.text.hasSuffix(": http1.\(details)\n"))
            let entry = try #require(self.scenario.proxy.accessLog(details: "http1.\(details)"))
            #expect(entry.response_flags == "DPE")
            #expect(entry.response_code == status)
        }

        @Test("A head without an end is refused when its limit is reached, and the client sees that")
        func endless() throws {
            let client = try self.scenario.proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n")
            for _ in 0..<32 { try client.send([UInt8](repeating: 0x7A, count: 64 << 10)) }
            #expect(try client.readResponse().status == 431)
            #expect(try client.isAtEnd())
        }

        @Test(
            "Filters, rules and services see one form of a path, the access log the one received",
            arguments: [
                ("/a/./b/../c?d=/../e", "/a/c?d=/../e"), ("/%7Euser/%41", "/~user/A"),
                ("/a\\b", "/a/b"), ("/../../x", "/x"), ("/a//b", "/a//b"), ("/a%2fb", "/a%2fb"),
            ])
        func normalised(received: String, passed: String) throws {
            #expect(try self.scenario.ask(received).status == 200)
            #expect(self.backend.takeRequests().map(\.target) == [passed])
            #expect(!self.scenario.proxy.accessLog(received).isEmpty)
        }

        @Test(
            "A rule cannot be passed by with another spelling of its path",
            arguments: [
                ("public", "/a/../secret/x"), ("public", "/%73ecret"), ("public", "/.\\secret"),
                ("merge", "//secret"), ("merge", "/a//..//secret/x"), ("decode", "/a/..%2Fsecret"),
                ("decode", "/secret%5Cx"),
            ])
        func notPassedBy(listener: String, path: String) throws {
            #expect(try self.scenario.ask(path, listener: listener).status == 403)
        }

        @Test("Slashes are merged where that is configured, and the query is left alone")
        func merged() throws {
            #expect(try self.scenario.ask("/a//b///c?d=//", listener: "merge").status == 200)
            #expect(self.backend.takeRequests().map(\.target) == ["/a/b/c?d=//"])
            #expect(!self.scenario.proxy.accessLog("/a//b///c?d=//").isEmpty)
        }

        @Test("Escaped slashes are refused where that is configured", arguments: ["/a%2Fb", "/a%5cb"])
        func rejected(path: String) throws {
            let client = try self.scenario.proxy.connect("reject")
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 400)
            #expect(response.text == "Bad Request: path.escaped_slash\n")
            #expect(try client.isAtEnd())
            #expect(try self.scenario.ask("/a?b=%2F", listener: "reject").status == 200)
        }

        @Test("Escaped slashes become slashes where that is configured")
        func decoded() throws {
            #expect(try self.scenario.ask("/a%2Fb%5Cc/..%2fd", listener: "decode").status == 200)
            #expect(self.backend.takeRequests().map(\.target) == ["/a/b/d"])
        }
    }
}
