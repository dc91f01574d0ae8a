import TestSupport
import Testing

extension Scenarios {
    /// What rules do with a request, apart from choosing a service.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /split } }
                    split:
                      - { service: backend, weight: 3 }
                      - { service: other }
                      - { service: never, weight: 0 }
                  - match: { path: { prefix: /old } }
                    redirect: { path: { replacePrefix: /new }, status: 308 }
                  - match: { path: { prefix: /secure } }
                    redirect: { scheme: https, host: shop.example, path: { replaceFull: /all } }
                  - match: { path: { prefix: /port } }
                    redirect: { port: 8443, status: 302 }
                  - match: { path: { prefix: /direct } }
                    directResponse:
                      { status: 418, body: "tea\\n", headers: { x-pot: short, content-type: text/tea } }
                  - match: { path: { prefix: /rewritten } }
                    rewrite: { path: { replacePrefix: /inside }, host: inner.example }
                    service: backend
                  - match: { path: { prefix: /full } }
                    rewrite: { path: { replaceFull: /all } }
                    service: backend
                  - match: { path: { prefix: /fields } }
                    requestHeaders:
                      { remove: [x-gone, cookie], set: { x-set: new }, add: { x-add: more } }
                    responseHeaders:
                      { remove: [x-gone, server], set: { x-set: new }, add: { x-add: more } }
                    service: backend
            services:
              - { name: backend, endpoints: [{backend}] }
              - { name: other, endpoints: [{other}] }
              - { name: never, endpoints: [{never-refusing}] }
            """, backends: ["backend", "other", "never-refusing"], versions: HTTPVersion.allCases)
    ) struct ActionTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        @Test("A split shares requests out by weight")
        func split() throws {
            let client = try self.scenario.proxy.connect()
            try client.send(String(repeating: "GET /split HTTP/1.1\r\nHost: a\r\n\r\n", count: 800))
            var counts: [String: Int] = [:]
            for _ in 0..<800 { counts[try client.readResponse().text, default: 0] += 1 }
            #expect(counts.keys.sorted() == ["backend", "other"])
            // 600 expected; a deviation of 90 has a probability of 10^-13.
            #expect(abs((counts["backend"] ?? 0) - 600) < 90, "\(counts)")
        }

        @Test(
            "A redirect keeps what it does not change",
            arguments: [
                ("/old/a?b=c", 308, "http://example.com:81/new/a?b=c"),
                ("/old", 308, "http://example.com:81/new"),
                ("/secure/x?q", 301, "https://shop.example/all?q"),
                ("/port/x", 302, "http://example.com:8443/port/x"),
            ])
        func redirect(path: String, status: Int, location: String) throws {
            let client = try self.scenario.proxy.connect()
            for _ in 0..<2 {
                try client.send("GET \(path) HTTP/1.1\r\nHost: example.com:81\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.status == status)
                #expect(response.all("location") == [location])
                #expect(response["content-length"] == "0")
            }
        }

        @Test("A direct response has its status, its fields and its body, for HEAD without the body")
        func direct() throws {
            let response = try self.scenario.ask("/direct", method: "POST", body: "some")
            #expect(response.status == 418)
            #expect(response.text == "tea\n")
            #expect(response["x-pot"] == "short")
            #expect(response.all("content-type") == ["text/tea"])
            #expect(response["date"] != nil)
            let client = try self.scenario.proxy.connect()
            try client.send("HEAD /direct HTTP/1.1\r\nHost: a\r\n\r\nGET /direct HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse(toHead: true).status == 418)
            #expect(try client.readResponse().text == "tea\n")
            #expect(
                self.scenario.proxy.accessLog("/direct").first?.response_code_details == "direct_response")
        }

        @Test("The service sees the rewritten path and host, the access log the path received")
        func rewrite() throws {
            #expect(try self.scenario.ask("/rewritten/a?b").status == 200)
            #expect(try self.scenario.ask("/full/a?b").status == 200)
            let requests = self.backend.takeRequests()
            #expect(requests.map(\.target) == ["/inside/a?b", "/all?b"])
            #expect(requests.map { $0["host"] } == ["inner.example", "example.com"])
            #expect(requests.map { $0["x-forwarded-host"] } == ["example.com", "example.com"])
            #expect(!self.scenario.proxy.accessLog("/rewritten/a?b").isEmpty)
        }

        @Test("Fields are removed, set and added in both directions")
        func fields() throws {
            self.backend.on("/fields") { connection, head in
                #expect(head["host"] == "example.com")
                #expect(head["x-gone"] == nil)
                #expect(head["cookie"] == nil)
                #expect(head.all("x-set") == ["new"])
                #expect(head.all("x-add") == ["one", "more"])
                #expect(head["x-forwarded-host"] == "example.com")
                try connection.send(
                    "HTTP/1.1 200 OK\r\nServer: x\r\nX-Gone: 1\r\nX-Set: 1\r\nX-SET: 2\r\nX-Add: one\r\n"
                        + "Content-Length: 0\r\n\r\n")
                return true
            }
            let response = try self.scenario.ask(
                "/fields", fields: "X-Gone: 1\r\nCookie: a=b\r\nX-Set: old\r\nx-set: older\r\nX-Add: one\r\n")
            #expect(response.status == 200)
            #expect(response["server"] == nil)
            #expect(response["x-gone"] == nil)
            #expect(response.all("x-set") == ["new"])
            #expect(response.all("x-add") == ["one", "more"])
        }
    }
}
