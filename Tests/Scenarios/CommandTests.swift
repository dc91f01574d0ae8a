import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `postern`, as people and scripts call it.
    @Suite struct CommandTests {
        private func postern(_ arguments: String...) throws -> Command {
            try Command(Binaries.program("postern"), arguments)
        }

        private static let good = """
            version: 1
            plugins: { path: ["\(Binaries.pluginFolder)"] }
            admin: { address: "127.0.0.1:0" }
            listeners:
              - name: public
                address: "127.0.0.1:0"
                filters: [{ plugin: headers, config: { response: { set: { x-a: b } } } }]
            routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
            """

        @Test("check says nothing about a good configuration and ends with 0")
        func checkGood() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(Self.good, to: "postern.yaml")
            let command = try self.postern("check", "-c", file.path)
            #expect(command.ending == .exited(0))
            #expect(command.output == "")
        }

        @Test("check prints every problem at once, with its place, and ends with 1")
        func checkBad() throws {
            let folder = try TemporaryFolder()
            _ = try folder.write("function on_request(handle) if then end", to: "bad.lua")
            let file = try folder.write(
                """
                version: 1
                plugins: { path: ["\(Binaries.pluginFolder)"] }
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters:
                      - { plugin: rate-limit, config: { requests: 0, per: 1s } }
                      - { plugin: key-aut }
                      - { plugin: headers, config: { response: { add: { "a b": c } } } }
                      - { lua: bad.lua }
                      - { lua: none.lua }
                routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
                """, to: "postern.yaml")
            let command = try self.postern("check", "-c", file.path)
            #expect(command.ending == .exited(1))
            let lines = command.output.split(separator: "\n")
            let places = lines.compactMap {
                $0.firstMatch(of: /postern\.yaml:(\d+:\d+): (listeners\[0\]\.filters\[\d\])/)
            }
            .map { "\($0.1) \($0.2)" }
            #expect(places.count == lines.count, "\(command.output)")
            #expect(
                places == [
                    "7:51 listeners[0].filters[0]", "8:9 listeners[0].filters[1]",
                    "9:64 listeners[0].filters[2]", "10:9 listeners[0].filters[3]",
                    "11:9 listeners[0].filters[4]",
                ], "\(command.output)")
        }

        @Test("check tells warnings from problems")
        func checkWarning() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(
                Self.good + "\nservices: [{ name: unused, endpoints: [\"127.0.0.1:1\"] }]\n", to: "a.yaml")
            let command = try self.postern("check", "-c", file.path)
            #expect(command.ending == .exited(0))
            let warning = "services[0].name: warning: no rule sends requests to service `unused`"
            #expect(command.output == "\(file.path):9:20: \(warning)\n")
        }

        @Test("run becomes the proxy, in the same process, and ends with 0 at SIGTERM")
        func run() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(Self.good, to: "postern.yaml")
            let process = try ChildProcess(
                Binaries.program("postern"),
                [
                    "run", "-c", file.path, "--log-format", "json", "--admin-address-path",
                    folder.file("admin").path,
                ],
                output: folder.file("log"))
            #expect(eventually { folder.text(of: "log").contains("\"message\":\"ready\"") })
            let program = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(process.pid)/exe")
            #expect(URL(fileURLWithPath: program).lastPathComponent == "postern-proxy")
            let admin = try RawConnection(to: folder.text(of: "admin"))
            try admin.send("GET /server_info HTTP/1.1\r\nHost: a\r\n\r\n")
            let info = try JSONDecoder().decode(ServerInfo.self, from: Data(admin.readResponse().body))
            #expect(info.pid == process.pid)
            for line in folder.text(of: "log").split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            #expect(process.stop() == .exited(0))
        }
    }

    /// The release tree, moved, where nothing of the toolchain can be found.
    @Suite(.enabled(if: Binaries.dist != nil, "dev/test names the release tree"))
    struct MovedTreeTests {
        @Test("A moved tree checks, runs and finds its plugins with its own Swift runtime")
        func moved() throws {
            let dist = try #require(Binaries.dist)
            let folder = try TemporaryFolder()
            let tree = folder.file("moved tree")
            // Not by this process: a file open for writing while another test forks is "busy" for a while.
            try Tool.run("/bin/cp", ["-a", dist.path, tree.path])
            let file = try folder.write(
                """
                version: 1
                admin: { address: "127.0.0.1:0" }
                listeners:
                  - name: public
                    address: "127.0.0.1:0"
                    filters: [{ plugin: key-auth, config: { keys: [{ name: a, key: b }] } }]
                routes: [{ name: all, rules: [{ directResponse: { body: direct } }] }]
                """, to: "postern.yaml")
            let hidden = ["PATH": "/usr/bin:/bin"]
            let postern = tree.appendingPathComponent("bin/postern").path
            let check = try Command(postern, ["check", "-c", file.path], environment: hidden)
            #expect(check.ending == .exited(0))
            #expect(check.output == "")
            let process = try ChildProcess(
                postern, ["run", "-c", file.path, "--admin-address-path", folder.file("admin").path],
                output: folder.file("log"), environment: hidden,
                inherits: false)
            defer { process.stop() }
            #expect(
                eventually { folder.text(of: "log").contains("gateway ready") }, "\(folder.text(of: "log"))")
            let admin = try RawConnection(to: folder.text(of: "admin"))
            try admin.send("GET /plugins HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try admin.readResponse().text.contains(tree.path + "/lib/postern/plugins/key-auth.so"))

            // Foundation's reading of a whole file ends early here.
            let maps = try #require(FileHandle(forReadingAtPath: "/proc/\(process.pid)/maps"))
            let lines = String(decoding: maps.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
            let swift = lines.filter { $0.contains("/libswift") }
            #expect(!swift.isEmpty)
            #expect(swift.allSatisfy { $0.contains("\(tree.path)/lib/swift/") })
            #expect(process.stop() == .exited(0))
        }
    }
}
