import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// A native filter that waits: for another service, for time, for blocking work.
    @Suite struct WaitingFilterTests {
        let backend: RawBackend
        let auth: RawBackend
        let plugin: CompiledPlugin
        let proxy: ProxyProcess

        init() throws {
            self.backend = try RawBackend()
            self.auth = try RawBackend("auth")
            self.plugin = try CompiledPlugin("PluginHost/Fixtures/async-filter.c")
            self.proxy = try ProxyProcess(
                """
                plugins: { path: ["\(self.plugin.folder)", "\(Binaries.pluginFolder)"] }
                listeners:
                  - { name: public, address: "127.0.0.1:0", filters: [{ plugin: test }] }
                routes: [{ name: all, rules: [{ service: backend }] }]
                services:
                  - { name: backend, endpoints: ["\(self.backend.address)"] }
                  - { name: auth, endpoints: ["\(self.auth.address)"] }
                """)
        }

        @Test("A service that is asked first lets the request through, or has it answered")
        func callout() throws {
            #expect(!self.proxy.log.contains("no rule sends"), "a service that a filter calls is not idle")
            let client = try self.proxy.connect()
            self.auth.on("/check", answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
            try client.send("GET /callout HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            let request = try #require(self.backend.takeRequests().first)
            #expect(request["x-answer"] == "0 200 fine 1")

            self.auth.on(
                "/check",
                answer: "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n")
            try client.send("GET /callout HTTP/1.1\r\nHost: a\r\n\r\n")
            let refused = try client.readResponse()
            #expect(refused.status == 403 && refused.text == "no")
            #expect(self.backend.takeRequests().isEmpty)
            #expect(self.auth.connections.count == 1, "the connection was used again")
            #expect(self.proxy.stop() == .exited(0))
        }

        @Test("A filter learns why its service did not answer")
        func failure() throws {
            self.auth.on("/check") { connection, head in
                _ = try connection.finish(head)
                return false
            }
            let client = try self.proxy.connect()
            try client.send("GET /callout HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(try #require(self.backend.takeRequests().first)["x-answer"] == "3 0  0")
        }

        @Test("A client that leaves takes its callout along")
        func abandoned() throws {
            let gate = Gate()
            self.auth.on("/check") { connection, head in
                _ = try connection.finish(head)
                try gate.wait()
                return try !connection.isAtEnd()
            }
            let client = try self.proxy.connect()
            try client.send("GET /callout HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { gate.isWaitedFor })
            client.socket.reset()
            #expect(self.proxy.accessLog("/callout").map(\.response_flags) == ["DC"])
            gate.open()
            #expect(eventually { self.auth.connections.allSatisfy(\.isOver) })
            #expect(self.proxy.isRunning)
        }

        @Test("Timers and blocking work bring a paused request back")
        func timers() throws {
            let client = try self.proxy.connect()
            for (path, word) in [("/timer", "timer"), ("/offload", "hashed"), ("/timer", "timer")] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.readResponse().status == 200)
                #expect(try #require(self.backend.takeRequests().first)["x-woken"] == word)
            }
        }

        @Test("A reload without the service that a filter calls is refused at the filter's place")
        func noService() throws {
            let isInForce = try self.proxy.reload {
                try self.proxy.configure(
                    """
                    plugins: { path: ["\(self.plugin.folder)", "\(Binaries.pluginFolder)"] }
                    listeners:
                      - { name: public, address: "127.0.0.1:0", filters: [{ plugin: test }] }
                    routes: [{ name: all, rules: [{ service: backend }] }]
                    services:
                      - { name: backend, endpoints: ["\(self.backend.address)"] }
                      - { name: outh, endpoints: ["\(self.auth.address)"] }
                    """)
            }
            #expect(!isInForce)
            #expect(self.proxy.log.contains("there is no service called `auth`; did you mean `outh`?"))
        }
    }
}
