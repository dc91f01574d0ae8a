import TestSupport
import Testing

extension Scenarios {
    /// Which service a request reaches. Every kind of condition once; `Tests/Routing` has the rest.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
              - { name: inner, address: "127.0.0.2:0" }
            routes:
              - name: exact
                hosts: [shop.example]
                rules:
                  - { match: { path: { exact: /robots.txt } }, service: one }
                  - { match: { path: { regex: "/v[0-9]+/items" }, method: [GET, HEAD] }, service: two }
                  - { match: { path: { prefix: /api }, headers: { x-user: { exact: jason } } }, service: two }
                  - match: { path: { prefix: /api }, query: { version: { regex: "[2-9]" } } }
                    service: three
                  - { match: { path: { prefix: /api }, method: DELETE }, service: three }
                  - { match: { path: { prefix: /api } }, service: one }
              - name: wildcard
                hosts: ["*.shop.example"]
                rules: [{ service: two }]
              - name: inner
                listeners: [inner]
                rules: [{ service: three }]
              - name: rest
                hosts: [other.example]
                rules: [{ service: one }]
            services:
              - { name: one, endpoints: [{one}] }
              - { name: two, endpoints: [{two}] }
              - { name: three, endpoints: [{three}] }
            """, backends: ["one", "two", "three"], versions: HTTPVersion.allCases)
    ) struct RoutingTests {
        @Test(
            "A request reaches the service of the first rule that matches, of the most specific host",
            arguments: [
                ("GET shop.example /robots.txt", "", "one"), ("GET SHOP.example:80 /robots.txt?x", "", "one"),
                ("GET shop.example /robots.txt/", "", nil), ("HEAD shop.example /v12/items", "", "two"),
                ("POST shop.example /v12/items", "", nil), ("GET shop.example /v/items", "", nil),
                ("GET shop.example /api/x", "X-User: jason\r\n", "two"),
                ("GET shop.example /api/x", "X-User: jasons\r\n", "one"),
                ("GET shop.example /api?a=b&version=3", "", "three"),
                ("GET shop.example /api?version=1", "", "one"), ("DELETE shop.example /api", "", "three"),
                ("GET shop.example /apix", "", nil), ("GET a.shop.example /x", "", "two"),
                ("GET a.b.shop.example /x", "", "two"), ("GET other.example /x", "", "one"),
                ("GET unknown.example /x", "", nil),
            ] as [(String, String, String?)])
        func routes(request: String, fields: String, service: String?) throws {
            let parts = request.split(separator: " ").map(String.init)
            let response = try Scenario.current.ask(
                parts[2], method: parts[0], host: parts[1], fields: fields)
            #expect(response.status == (service == nil ? 404 : 200))
            guard let service else { return }
            // HEAD has no body: its length tells which.
            #expect(response["content-length"] == "\(service.utf8.count)")
            if parts[0] != "HEAD" { #expect(response.text == service) }
        }

        @Test("A route counts on its listeners only")
        func listeners() throws {
            #expect(
                try Scenario.current.ask("/x", host: "unknown.example", listener: "inner").text == "three")
        }

        @Test("A request without a rule is a 404 that the access log explains")
        func noRoute() throws {
            let response = try Scenario.current.ask("/nowhere", host: "unknown.example")
            #expect(response.status == 404)
            #expect(response["via"] == nil)
            #expect(response["server"] == "postern")
            let entry = try #require(Scenario.current.proxy.accessLog("/nowhere").first)
            #expect(entry.response_flags == "NR")
            #expect(entry.response_code_details == "route_not_found")
            #expect(entry.route_name == nil)
        }
    }
}
