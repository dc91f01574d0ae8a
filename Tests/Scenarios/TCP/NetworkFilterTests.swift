import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Plugins that filter the bytes of TCP connections.
    @Suite struct NetworkFilterTests {
        let plugin: CompiledPlugin
        let proxy: ProxyProcess
        let backend: RawBackend
        let other: RawBackend

        init() throws {
            self.plugin = try CompiledPlugin("TestPlugins/network.c")
            self.backend = try RawBackend("backend")
            self.other = try RawBackend("other")
            self.proxy = try ProxyProcess(
                """
                plugins: { path: ["\(self.plugin.folder)", "\(Binaries.pluginFolder)"] }
                listeners:
                  - { name: public, address: "127.0.0.1:0", protocol: tcp, filters: [{ plugin: test }] }
                  - name: twice
                    address: "127.0.0.2:0"
                    protocol: tcp
                    filters: [{ plugin: test }, { plugin: test, name: second }]
                tcpRoutes: [{ name: all, rules: [{ service: backend }], timeouts: { idle: 5s } }]
                services:
                  - { name: backend, endpoints: ["\(self.backend.address)"] }
                  - { name: other, endpoints: ["\(self.other.address)"] }
                """)
            for backend in [self.backend, self.other] {
                let name = backend.name
                backend.onConnection { connection in
                    while case let bytes = try connection.readSome(), !bytes.isEmpty {
                        try connection.send(Array("\(name):".utf8) + bytes)
                    }
                    try connection.send("end")
                }
            }
        }

        /// What comes back for bytes that are sent in these pieces, and then the end.
        private func exchange(_ pieces: [String], _ listener: String = "public") throws -> String {
            let client = try self.proxy.connect(listener)
            for piece in pieces {
                try client.send(piece)
                if pieces.count > 1 { usleep(5000) }  // So that they come apart, most often.
            }
            client.socket.endWriting()
            guard let bytes = try? client.readToEnd() else { return "reset" }
            return String(decoding: bytes, as: UTF8.self)
        }

        @Test("What a filter asks for is done: other bytes, bytes of its own, another service, an end")
        func commands() throws {
            #expect(try self.exchange(["plain\nhello"]) == "backend:helloend")
            #expect(try self.exchange(["pl", "ain", "\nhel"]).hasPrefix("backend:"))
            #expect(try self.exchange(["shout\nhello"]) == "BACKEND:HELLOEND")
            #expect(try self.exchange(["greet\nhello"]) == "greetings\nbackend:helloend")
            #expect(try self.exchange(["other\nhello"]) == "other:helloend")
            #expect(try self.exchange(["source\n"]) == "127.0.0.1end")
            #expect(try self.exchange(["name\n"]) == "noneend")
            #expect(try self.exchange(["pause\nhello"]) == "backend:helloend")
            #expect(try self.proxy.sum("postern_filter_lines", ["filter": "test"]) == 8)
            #expect(try self.proxy.sum("postern_filter_calls_total", ["phase": "new_connection"]) >= 8)
        }

        @Test("Every filter of the chain sees what the one before it has let pass")
        func chain() throws {
            #expect(try self.exchange(["plain\nplain\nhello"], "twice") == "backend:helloend")
            #expect(try self.exchange(["plain\n", "shout\nhello"], "twice") == "BACKEND:HELLOEND")
            #expect(try self.exchange(["pause\nother\nhello"], "twice") == "other:helloend")
        }

        @Test("A filter may close the connection, or fail, before a service has been asked")
        func closing() throws {
            let before = self.backend.connections.count
            #expect(try ["", "reset"].contains(self.exchange(["close\n"])))
            let closed = try #require(self.proxy.accessLog(details: "network_filter_closed"))
            #expect(closed.upstream_host == nil)
            #expect(try self.exchange(["fail\n"]) == "reset")
            #expect(self.proxy.accessLog(details: "filter_failed") != nil)
            #expect(try self.proxy.sum("postern_filter_errors_total", ["filter": "test"]) == 1)
            #expect(self.backend.connections.count == before)
            #expect(try ["", "reset"].contains(self.exchange(["bye\n"])))
            #expect(self.proxy.accessLog(details: "said_bye")?.response_flags == "LR")
        }

        @Test("A filter may close what another has let go on, and its last words are sent")
        func closingLater() throws {
            #expect(try ["", "reset"].contains(self.exchange(["pause\nclose\nhello"], "twice")))
            let entry = self.proxy.accessLog {
                $0.listener_name == "twice" && $0.response_code_details == "network_filter_closed"
            }
            #expect(entry != nil)
            #expect(try self.exchange(["greet\nclose\n"], "twice") == "greetings\n")
        }

        @Test("A filter that wants more and more is stopped")
        func limit() throws {
            let client = try self.proxy.connect()
            try? client.send(String(repeating: "x", count: 100_000))
            #expect((try? client.isAtEnd()) ?? true)
            #expect(self.proxy.accessLog(details: "network_filter_wants_too_much") != nil)
        }

        @Test("Filters of the wrong kind are refused with the way out")
        func wrongKind() throws {
            let http = try CompiledPlugin("TestPlugins/marked.c")
            func problems(_ plugin: CompiledPlugin, _ keys: String, route: String = "") throws -> String {
                let folder = try TemporaryFolder()
                let file = try folder.write(
                    """
                    version: 1
                    plugins: { path: ["\(plugin.folder)", "\(Binaries.pluginFolder)"] }
                    listeners: [{ name: public, address: "127.0.0.1:0", \(keys) }]
                    routes: [{ name: all, rules: [{ service: other }] \(route) }]
                    tcpRoutes: [{ name: all, rules: [{ service: other }] }]
                    services: [{ name: other, endpoints: [127.0.0.1:9] }]
                    """, to: "postern.yaml")
                let command = try Command(Binaries.program("postern"), ["check", "-c", file.path])
                return command.output
            }
            let filters = "filters: [{ plugin: test }]"
            #expect(
                try problems(self.plugin, filters).contains(
                    "listeners[0].filters[0]: plugin `test` is a network filter, and listener `public` has "
                        + "`protocol: http`: it needs `tcp` or `auto`"))
            #expect(
                try problems(http, "protocol: tcp, \(filters)").contains(
                    "listeners[0].filters[0]: plugin `test` is an HTTP filter, and listener `public` has "
                        + "`protocol: tcp`: there are no requests"))
            #expect(
                try problems(self.plugin, "protocol: auto", route: ", \(filters)").contains(
                    "plugin `test` is a network filter and sees no requests"))
            #expect(try problems(self.plugin, "protocol: auto, \(filters)").isEmpty)
            #expect(try problems(http, "protocol: auto, \(filters)").isEmpty)
        }
    }
}
