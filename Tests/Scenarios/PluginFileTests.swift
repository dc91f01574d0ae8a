import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// A plugin's file that changes while its gateway runs.
    @Suite struct PluginFileTests {
        private static func configuration(_ backend: RawBackend, _ plugin: CompiledPlugin) -> String {
            """
            plugins: { path: ["\(plugin.folder)", "\(Binaries.pluginFolder)"] }
            listeners:
              - { name: public, address: "127.0.0.1:0", filters: [{ plugin: test }] }
            routes: [{ name: all, rules: [{ service: backend }] }]
            services: [{ name: backend, endpoints: ["\(backend.address)"] }]
            """
        }

        private func start(_ backend: RawBackend) throws -> (proxy: ProxyProcess, plugin: CompiledPlugin) {
            let plugin = try CompiledPlugin("TestPlugins/marked.c")
            return (try ProxyProcess(Self.configuration(backend, plugin)), plugin)
        }

        @Test("A changed file is live soon; a request in progress finishes on the one that it began with")
        func generations() throws {
            let backend = try RawBackend()
            let gate = Gate()
            backend.on("/slow") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            let (proxy, plugin) = try self.start(backend)
            let slow = try proxy.connect()
            try slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { gate.isWaitedFor })

            let first = try plugin.contents
            let second = first.replacing("generation-00000", with: "generation-00001")
            #expect(try proxy.reload { try plugin.replace(with: second) })
            #expect(try proxy.ask("/")["x-generation"] == "generation-00001")
            gate.open()
            let response = try slow.readResponse()
            #expect(response["x-generation"] == "generation-00000")
            #expect(response.text == "slow")
            try slow.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try slow.readResponse()["x-generation"] == "generation-00001")

            // What was loaded before is not loaded again.
            #expect(try self.files(proxy) == 2)
            #expect(try proxy.reload { try plugin.replace(with: first) })
            #expect(try proxy.ask("/")["x-generation"] == "generation-00000")
            #expect(try self.files(proxy) == 2)
            #expect(proxy.stop() == .exited(0))
        }

        @Test(
            "A file that cannot serve leaves the old one in force and is reported",
            arguments: [
                ("crash-on-load.c", "was killed by signal 6 (Aborted)"),
                ("exit-on-load.c", "exited with status"),
                ("wrong-major.c", "built for version 3 of the ABI"),
                ("no-symbol.c", "it is no plugin"),
                ("config-refused.c", "must be green"),
                ("crash-on-config.c", "was killed by signal 6 (Aborted)"),
            ]
        )
        func refused(source: String, why: String) throws {
            let backend = try RawBackend()
            let (proxy, plugin) = try self.start(backend)
            #expect(try !proxy.reload { try plugin.build("BadPlugins/\(source)") })
            #expect(try proxy.ask("/")["x-generation"] == "generation-00000")
            let line = proxy.log.split(separator: "\n").first { $0.contains(" error config ") } ?? ""
            #expect(line.contains(why), "\(line)")
            #expect(line.contains("listeners[0].filters[0]"), "\(line)")
            #expect(try proxy.outcomes().refused == 1)
            #expect(try self.files(proxy) == 1)
            #expect(proxy.isRunning)
        }

        /// How many files of the plugin are loaded.
        private func files(_ proxy: ProxyProcess) throws -> Int {
            try proxy.admin("/plugins").text.split(separator: "\n").filter { $0.hasPrefix("test") }.count
        }

        @Test("A filter that fails fails its request, which is counted at its phase")
        func fails() throws {
            let backend = try RawBackend()
            let (proxy, plugin) = try self.start(backend)
            #expect(
                try proxy.reload {
                    try plugin.build("TestPlugins/marked.c", defining: ["FAILS"])
                })
            for _ in 1...3 { #expect(try proxy.ask("/failing").status == 500) }
            let labels = ["filter": "test", "phase": "response_head"]
            #expect(try proxy.sum("postern_filter_errors_total", labels) == 3)
            #expect(try proxy.sum("postern_filter_calls_total", labels) == 3)
            let details = proxy.accessLog("/failing", count: 3).map(\.response_code_details)
            #expect(details == ["filter_failed", "filter_failed", "filter_failed"])
        }

        @Test("A truncated file leaves the old one in force, and the whole one that follows is taken")
        func truncated() throws {
            let backend = try RawBackend()
            let (proxy, plugin) = try self.start(backend)
            let whole = try plugin.contents.replacing("generation-00000", with: "generation-00001")
            for length in [0, 100, whole.count / 2] {
                #expect(try !proxy.reload { try plugin.replace(with: whole.prefix(length)) })
                #expect(try proxy.ask("/")["x-generation"] == "generation-00000")
            }
            // Written in place, as a copy over the file does.
            #expect(try proxy.reload { try whole.write(to: URL(filePath: plugin.file)) })
            #expect(try proxy.ask("/")["x-generation"] == "generation-00001")
            #expect(proxy.isRunning)
        }

        @Test("A file that hangs when it is tried is given up, and requests go on meanwhile")
        func hangs() throws {
            let backend = try RawBackend()
            let (proxy, plugin) = try self.start(backend)
            try plugin.build("BadPlugins/hang-on-load.c")
            var wrong = 0
            let isGivenUp = eventually {
                if (try? proxy.ask("/"))?["x-generation"] != "generation-00000" { wrong += 1 }
                return proxy.log.contains("refused; generation 1 stays in force")
            }
            #expect(isGivenUp)
            #expect(wrong == 0)
            #expect(proxy.log.contains("did not finish within 10"))
        }

        @Test("The private copies of plugin files are removed at the end")
        func copies() throws {
            let backend = try RawBackend()
            let (proxy, plugin) = try self.start(backend)
            defer { withExtendedLifetime(plugin) {} }
            // Foundation's reading of a whole file ends early here.
            let file = try #require(FileHandle(forReadingAtPath: "/proc/\(proxy.pid)/maps"))
            let maps = String(decoding: file.readDataToEndOfFile(), as: UTF8.self)
            let line = maps.split(separator: "\n").first { $0.contains("/postern-plugins-") }
            let copy = try #require(line?.split(separator: " ").last.map(String.init), "\(maps)")
            #expect(FileManager.default.fileExists(atPath: copy))
            #expect(proxy.stop() == .exited(0))
            let folder = URL(fileURLWithPath: copy).deletingLastPathComponent().path
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}
