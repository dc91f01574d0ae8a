import TestSupport
import Testing

extension Scenarios {
    /// A filter of a route that sends a request elsewhere, behind checks that have let it pass.
    @Suite struct ClearedRouteTests {
        private static let move = """
            function on_request(handle)
              handle:headers():replace(":path", handle:headers():get("x-to"))
              handle:clearRouteCache()
            end
            """

        private func proxy(_ backend: RawBackend, _ mixer: String) throws -> ProxyProcess {
            let folder = try TemporaryFolder()
            _ = try folder.write(Self.move, to: "move.lua")
            return try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes:
                  - name: open
                    filters: [{ lua: move.lua }]
                    rules: [{ match: { path: { prefix: /open } }, service: backend }]
                  - { name: admin, rules: [{ match: { path: { prefix: /admin } }, service: backend }] }
                  - { name: other, rules: [{ match: { path: { prefix: /other } }, service: backend }] }
                services: [{ name: backend, endpoints: ["\(backend.address)"] }]
                mixer:
                \(mixer.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
                """, folder: folder)
        }

        @Test("The rules of the new route hold before the request reaches its service")
        func denies() throws {
            let backend = try RawBackend()
            let proxy = try self.proxy(
                backend,
                """
                handlers: [{ name: closed, adapter: denier, config: { message: "not here" } }]
                instances: [{ name: anything, template: checknothing }]
                rules:
                  - match: route.name == "admin"
                    actions: [{ handler: closed, instances: [anything] }]
                """)
            #expect(try proxy.ask("/admin").status == 403)
            let denied = try proxy.ask("/open", fields: "x-to: /admin\r\n")
            #expect(denied.status == 403 && denied.text == "not here")
            #expect(proxy.accessLog(details: "mixer_check_denied") != nil)
            #expect(backend.takeRequests().isEmpty)
            #expect(try proxy.ask("/open", fields: "x-to: /other\r\n").status == 200)
            #expect(backend.takeRequests().map(\.target) == ["/other"])
            #expect(try proxy.ask("/open", fields: "x-to: /nowhere\r\n").status == 404)
        }

        @Test(
            "A handler that blocks is asked about the new route, and the body waits",
            arguments: [true, false])
        func blocks(isAllowed: Bool) throws {
            let backend = try RawBackend()
            let agent = try RawBackend("agent")
            let answer = #"{"result":\#(isAllowed)}"#
            agent.on(
                "/v1/data/allow",
                answer: "HTTP/1.1 200 OK\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            let proxy = try self.proxy(
                backend,
                """
                handlers:
                  - name: agent
                    adapter: opa
                    timeout: 20s
                    config: { url: "http://\(agent.address)/v1/data/allow", timeout: 20s }
                instances:
                  - { name: action, template: authorization, params: { action: { path: request.path } } }
                rules:
                  - match: route.name == "admin"
                    actions: [{ handler: agent, instances: [action] }]
                """)
            let client = try proxy.connect()
            try client.send(
                "POST /open HTTP/1.1\r\nHost: a\r\nx-to: /admin\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.readResponse().status == (isAllowed ? 200 : 403))
            let requests = backend.takeRequests()
            #expect(requests.map(\.text) == (isAllowed ? ["hello"] : []))
            let asked = agent.connections.map { String(decoding: $0.received, as: UTF8.self) }.joined()
            #expect(asked.contains(#""path":"/admin""#), "\(asked)")
        }

        @Test("A rule that matches both times changes fields once, and takes its quota once")
        func once() throws {
            let backend = try RawBackend()
            let proxy = try self.proxy(
                backend,
                """
                handlers:
                  - name: amounts
                    adapter: memquota
                    config: { quotas: [{ name: hits, max: 2, per: 10m }] }
                instances: [{ name: hits, template: quota }]
                rules:
                  - actions: [{ handler: amounts, instances: [hits] }]
                    requestHeaders: { add: { x-tag: '"a"' } }
                    responseHeaders: { add: { x-seen: '"b"' } }
                """)
            for _ in 1...2 {
                let response = try proxy.ask("/open", fields: "x-to: /other\r\n")
                #expect(response.status == 200 && response.all("x-seen") == ["b"])
            }
            #expect(backend.takeRequests().map { $0.all("x-tag") } == [["a"], ["a"]])
            #expect(try proxy.ask("/open", fields: "x-to: /other\r\n").status == 429)
        }
    }
}
