import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Changing the configuration of a gateway that runs.
    @Suite struct ReloadTests {
        /// A gateway that says `version` in every answer.
        private static func configuration(_ version: String) -> String {
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules: [{ directResponse: { body: "\(version)" } }]
            """
        }

        private func version(_ proxy: ProxyProcess) throws -> String { try proxy.ask("/").text }

        @Test("SIGHUP and a changed file, whichever way it is written, bring a configuration into force")
        func waysToReload() throws {
            let proxy = try ProxyProcess(Self.configuration("first"))
            #expect(try self.version(proxy) == "first")
            for replacement in ProxyProcess.Replacement.allCases {
                let isInForce = try proxy.reload {
                    try proxy.configure(Self.configuration("by \(replacement)"), by: replacement)
                }
                #expect(isInForce)
                #expect(try self.version(proxy) == "by \(replacement)")
            }
            #expect(try proxy.reload())
            #expect(try proxy.metric("postern_config_generation") == 4)
            #expect(try proxy.adminJSON("/server_info", as: ServerInfo.self).generation == 4)
            #expect(proxy.stop() == .exited(0))
        }

        @Test("A configuration file that is a link takes effect when the link is put elsewhere")
        func link() throws {
            let proxy = try ProxyProcess(Self.configuration("first"))
            let text = proxy.folder.text(of: "postern.yaml").replacing("first", with: "second")
            let target = try proxy.folder.write(text, to: "second.yaml")
            #expect(try proxy.reload { try proxy.folder.link(proxy.folder.file("postern.yaml"), to: target) })
            #expect(try self.version(proxy) == "second")
        }

        @Test(
            "All or nothing: a problem anywhere leaves the old configuration in force and is reported",
            arguments: Refused.all)
        fileprivate func refused(_ bad: Refused) throws {
            let folder = try TemporaryFolder()
            _ = try folder.write("function on_request(handle) end", to: "good.lua")
            _ = try folder.write("function on_request(handle) if then end", to: "bad.lua")
            let proxy = try ProxyProcess(Self.configuration("first"), folder: folder)
            let inForce = try proxy.reload {
                try proxy.configure(bad.configuration.replacing("{folder}", with: folder.url.path))
            }
            #expect(!inForce)
            #expect(try self.version(proxy) == "first")
            let place =
                folder.file("postern.yaml").path
                + bad.problem.replacing("{folder}", with: folder.url.path)
            #expect(proxy.log.contains(place))
            #expect(proxy.log.contains("refused; generation 1 stays in force"))
            #expect(try proxy.outcomes().refused == 1)
            #expect(try proxy.adminJSON("/server_info", as: ServerInfo.self).generation == 1)
            #expect(try proxy.admin("/config_dump").text.contains("first"))

            let mended = try proxy.reload { try proxy.configure(Self.configuration("mended")) }
            #expect(mended)
            #expect(try self.version(proxy) == "mended")
            #expect(proxy.stop() == .exited(0))
        }

        @Test("A file that only the refused configuration names is looked at again when it comes")
        func missingScript() throws {
            let proxy = try ProxyProcess(Self.configuration("first"))
            let later = """
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters: [{ lua: "\(proxy.folder.file("later.lua").path)" }]
                routes: [{ name: all, rules: [{ directResponse: { body: second } }] }]
                """
            #expect(try !proxy.reload { try proxy.configure(later) })
            let script = "function on_response(handle) handle:headers():add('x-script', '1') end"
            #expect(try proxy.reload { _ = try proxy.folder.write(script, to: "later.lua") })
            #expect(try proxy.ask("/")["x-script"] == "1")
        }

        @Test("Listeners come and go; requests in progress at one that goes are answered")
        func listeners() throws {
            let backend = try RawBackend()
            let gate = Gate()
            backend.on("/slow") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                return true
            }
            func configuration(_ listeners: String) -> String {
                """
                listeners: [\(listeners)]
                routes: [{ name: all, rules: [{ service: backend }] }]
                services: [{ name: backend, endpoints: ["\(backend.address)"] }]
                """
            }
            let one = "{ name: one, address: \"127.0.0.1:0\" }"
            let two = "{ name: two, address: \"127.0.0.2:0\" }"
            let proxy = try ProxyProcess(configuration(one))
            let idle = try proxy.connect("one")
            try idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try idle.readResponse().status == 200)
            let busy = try proxy.connect("one")
            try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { gate.isWaitedFor })

            #expect(try proxy.reload { try proxy.configure(configuration("\(one), \(two)")) })
            let address = try #require(try proxy.currentListeners()["two"])
            #expect(try proxy.currentListeners()["one"] == proxy.listeners["one"])
            eventually { (try? RawConnection(to: address)) != nil }

            #expect(try proxy.reload { try proxy.configure(configuration(two)) })
            #expect(try idle.isAtEnd(), "an idle connection of a listener that goes is closed")
            gate.open()
            let response = try busy.readResponse()
            #expect(response.text == "slow")
            #expect(response["connection"] == "close")
            #expect(eventually { (try? proxy.connect("one")) == nil })
            let second = try RawConnection(to: address)
            try second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try second.readResponse().status == 200)
            #expect(proxy.stop() == .exited(0))
        }

        @Test("An address that cannot be listened at refuses the whole configuration")
        func addressInUse() throws {
            let other = try RawBackend()
            let proxy = try ProxyProcess(Self.configuration("first"))
            let text = Self.configuration("second").replacing(
                "listeners:\n", with: "listeners:\n  - { name: taken, address: \"\(other.address)\" }\n")
            #expect(try !proxy.reload { try proxy.configure(text) })
            #expect(try self.version(proxy) == "first")
            #expect(proxy.log.contains("bind \(other.address)"))
        }

        @Test("A listener that was opened for a configuration that is refused after all accepts nothing")
        func refusedAfterListening() throws {
            let proxy = try ProxyProcess(Self.configuration("first"))
            let path = proxy.folder.file("second.sock").path
            let text = Self.configuration("second").replacing(
                "listeners:\n", with: "listeners:\n  - { name: second, address: \"unix:\(path)\" }\n")
            let log = "accessLog: { path: \"\(proxy.folder.url.path)/missing/access.log\" }\n"
            #expect(try !proxy.reload { try proxy.configure(log + text) })
            #expect(try self.version(proxy) == "first")
            #expect(throws: WireError.self) { try RawConnection(to: "unix:\(path)") }
            #expect(try proxy.reload { try proxy.configure(text) })
            let client = try RawConnection(to: "unix:\(path)")
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text == "second")
        }

        @Test("A change of what needs a restart is said to need one, and the rest takes effect")
        func restart() throws {
            let proxy = try ProxyProcess(Self.configuration("first"), workers: 1)
            let text = "workers: 3\nadmin: { address: \"127.0.0.9:0\" }\n" + Self.configuration("second")
            #expect(try proxy.reload { try proxy.configure(text) })
            #expect(try self.version(proxy) == "second")
            #expect(proxy.log.contains("a change of `workers` takes effect with a restart"))
            #expect(proxy.log.contains("a change of `admin` takes effect with a restart"))
            #expect(try proxy.adminJSON("/server_info", as: ServerInfo.self).workers == 1)
        }
    }
}

/// What `/server_info` says.
struct ServerInfo: Decodable {
    let version: String
    let state: String
    let workers: Int
    let generation: Int
    let pid: Int32
}

/// A configuration with a problem.
private struct Refused: Sendable, CustomTestStringConvertible {
    let name: String
    let configuration: String
    /// How the problem is reported, after the file's name.
    let problem: String

    var testDescription: String { self.name }

    private init(_ name: String, filters: String = "", listeners: String? = nil, _ problem: String) {
        self.name = name
        let list =
            listeners
                ?? """
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters: [\(filters)]
                """
        self.configuration =
            "\(list)\nroutes: [{ name: all, rules: [{ directResponse: { body: bad } }] }]"
        self.problem = problem
    }

    /// Five lines come before a configuration: version, admin, workers, plugins, accessLog.
    static let all = [
        Refused("syntax", listeners: "listeners: [", ":8:1: not valid YAML: "),
        Refused(
            "a typo", listeners: "listener: []",
            ":6:1: listener: unknown key; did you mean `listeners`?"),
        Refused(
            "a plugin's configuration by its schema",
            filters: "{ plugin: rate-limit, config: { requests: none, per: 1s } }",
            ":9:57: listeners[0].filters[0].config.requests: must be a whole number, got \"none\""),
        Refused(
            "a plugin's configuration by its own judgement",
            filters: "{ plugin: rate-limit, config: { requests: 1, per: 1s, by: nonsense } }",
            ":9:73: listeners[0].filters[0].config.by: 'nonsense' is no attribute"),
        Refused(
            "a missing plugin", filters: "{ plugin: key-aut }",
            ":9:15: listeners[0].filters[0]: no plugin 'key-aut' in "),
        Refused(
            "a bad script", filters: "{ lua: \"{folder}/bad.lua\" }",
            ":9:15: listeners[0].filters[0]: {folder}/bad.lua:1: unexpected symbol near 'then'"),
        Refused(
            "a missing script", filters: "{ lua: \"{folder}/none.lua\" }",
            ":9:15: listeners[0].filters[0]: {folder}/none.lua: No such file or directory"),
        Refused(
            "a missing secret",
            filters:
                "{ plugin: key-auth, config: { keys: [{ name: a, key: { file: \"{folder}/none\" } }] } }",
            ":9:68: listeners[0].filters[0].config.keys[0].key"),
    ]
}
