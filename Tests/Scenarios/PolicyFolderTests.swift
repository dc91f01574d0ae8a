import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Scripts and folders of them, edited while their gateway runs.
    @Suite struct PolicyFolderTests {
        private func start(_ files: [String: String] = [:]) throws -> ProxyProcess {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                at: folder.file("policies"), withIntermediateDirectories: false)
            for (name, text) in files { _ = try folder.write(text, to: name) }
            return try ProxyProcess(
                """
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters: [{ lua: policies/ }]
                routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
                """, folder: folder)
        }

        /// Adds `mark` to each response.
        private static func script(_ mark: String) -> String {
            "function on_response(handle) handle:headers():add('x-policy', '\(mark)') end"
        }

        private func marks(_ proxy: ProxyProcess) throws -> [String] {
            try proxy.ask("/").all("x-policy")
        }

        private func policies(_ proxy: ProxyProcess) throws -> [String: Policy] {
            let list = try proxy.adminJSON("/policies?format=json", as: [Policy].self)
            return Dictionary(
                uniqueKeysWithValues: list.map { (URL(fileURLWithPath: $0.path).lastPathComponent, $0) })
        }

        @Test("What is dropped into a folder is live soon, runs by name, and is gone when it is taken out")
        func comesAndGoes() throws {
            let proxy = try self.start()
            #expect(try self.marks(proxy) == [])
            #expect(try proxy.reload { _ = try proxy.folder.write(Self.script("b"), to: "policies/b.lua") })
            #expect(try self.marks(proxy) == ["b"])
            // Written in place: it counts once it is closed.
            #expect(
                try proxy.reload {
                    let file = proxy.folder.file("policies/a.lua")
                    try Self.script("a").write(to: file, atomically: false, encoding: .utf8)
                })
            #expect(try self.marks(proxy) == ["b", "a"], "responses pass in reverse")
            #expect(
                try self.policies(proxy).mapValues(\.state) == ["a.lua": "in force", "b.lua": "in force"])
            #expect(
                try proxy.reload {
                    let script = try proxy.folder.write(Self.script("c"), to: "elsewhere.lua")
                    try FileManager.default.createSymbolicLink(
                        at: proxy.folder.file("policies/c.lua"), withDestinationURL: script)
                })
            #expect(try self.marks(proxy) == ["c", "b", "a"])
            for name in ["a", "c"] {
                #expect(
                    try proxy.reload {
                        try FileManager.default.removeItem(at: proxy.folder.file("policies/\(name).lua"))
                    })
            }
            #expect(try self.marks(proxy) == ["b"])
            #expect(try proxy.metric("postern_filter_calls_total{filter=\"b\",phase=\"response_head\"}") == 4)
            #expect(proxy.stop() == .exited(0))
        }

        @Test(
            "An error keeps the last good version, is reported with its place, and forgotten when mended",
            arguments: [
                ("", "the script is empty"), ("  \n\n", "the script is empty"),
                ("x = 1", "no entry point"),
                ("function on_response(handle)\n  if then\nend", ":2: unexpected symbol near 'then'"),
                ("function on_request(handle) end\nerror('no')", ":2: no"),
                ("while true do end", ":1: the budget of 100000 instructions is used up"),
            ]
        )
        func lastGoodVersion(bad: String, why: String) throws {
            let files = ["policies/a.lua": Self.script("a"), "policies/b.lua": Self.script("b")]
            let proxy = try self.start(files)
            // Other files of the folder change all the same.
            let isInForce = try proxy.reload {
                _ = try proxy.folder.write(bad, to: "policies/a.lua")
                _ = try proxy.folder.write(Self.script("new"), to: "policies/b.lua")
            }
            #expect(isInForce)
            #expect(try self.marks(proxy) == ["new", "a"])
            let policy = try #require(try self.policies(proxy)["a.lua"])
            #expect(policy.state == "previous version in force")
            #expect(policy.problem?.contains("policies/a.lua") == true)
            #expect(policy.problem?.contains(why) == true)
            let line = try #require(proxy.log.split(separator: "\n").first { $0.contains("stays in force") })
            #expect(line.contains("policies/a.lua"))
            #expect(line.contains(why))
            #expect(try proxy.metric("postern_lua_scripts_stale") == 1)

            #expect(
                try proxy.reload { _ = try proxy.folder.write(Self.script("mended"), to: "policies/a.lua") })
            #expect(try self.marks(proxy) == ["new", "mended"])
            #expect(try self.policies(proxy)["a.lua"]?.problem == nil)
            #expect(try proxy.metric("postern_lua_scripts_stale") == 0)
        }

        @Test("A new script with an error is refused, and what was in force stays")
        func newWithError() throws {
            let proxy = try self.start(["policies/a.lua": Self.script("a")])
            #expect(try !proxy.reload { _ = try proxy.folder.write("x = 1", to: "policies/b.lua") })
            #expect(try self.marks(proxy) == ["a"])
            #expect(proxy.log.contains("policies/b.lua: no entry point"))
            #expect(try proxy.reload { _ = try proxy.folder.write(Self.script("b"), to: "policies/b.lua") })
            #expect(try self.marks(proxy) == ["b", "a"])
        }

        @Test("A folder that goes leaves its scripts in force, and counts again when it is back")
        func folderGoes() throws {
            let proxy = try self.start(["policies/a.lua": Self.script("a")])
            let folder = proxy.folder.file("policies")
            #expect(
                try !proxy.reload {
                    try FileManager.default.moveItem(at: folder, to: proxy.folder.file("away"))
                })
            #expect(try self.marks(proxy) == ["a"])
            _ = try proxy.folder.write(Self.script("b"), to: "away/a.lua")
            #expect(
                try proxy.reload {
                    try FileManager.default.moveItem(at: proxy.folder.file("away"), to: folder)
                })
            #expect(try self.marks(proxy) == ["b"])
            #expect(try proxy.reload { _ = try proxy.folder.write(Self.script("c"), to: "policies/a.lua") })
            #expect(try self.marks(proxy) == ["c"])
        }

        @Test("A request that waits in a script finishes in the version that it began with")
        func inProgress() throws {
            func script(_ mark: String) -> String {
                """
                function on_request(handle)
                  local body = handle:body(true)
                  handle:respond({ [":status"] = "200" }, "\(mark) " .. body:getBytes(0, body:length()))
                end
                """
            }
            let proxy = try self.start(["policies/a.lua": script("old")])
            let client = try proxy.connect()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo")
            // The worker has the head once it has answered a later request.
            #expect(try proxy.ask("/").status == 200)
            #expect(try proxy.reload { _ = try proxy.folder.write(script("new"), to: "policies/a.lua") })
            try client.send("dy")
            #expect(try client.readResponse().text == "old body")
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            #expect(try client.readResponse().text == "new body")
        }

        @Test("What a script keeps in globals outlives a reload that leaves it alone")
        func globals() throws {
            let counter = """
                count = 0
                function on_response(handle)
                  count = count + 1
                  handle:headers():add("x-policy", tostring(count))
                end
                """
            let proxy = try self.start(["policies/a.lua": counter])
            #expect(try self.marks(proxy) == ["1"])
            #expect(try proxy.reload { _ = try proxy.folder.write(Self.script("b"), to: "policies/b.lua") })
            #expect(try self.marks(proxy) == ["b", "2"])
        }
    }
}

/// What `/policies` says of a script.
private struct Policy: Decodable {
    let path: String
    let state: String
    let problem: String?
}
