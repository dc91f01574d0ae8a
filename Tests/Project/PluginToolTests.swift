import Foundation
import TestSupport
import Testing

/// `postern plugin`, as the author of a filter uses it: from nothing to filtered traffic.
@Suite(.serialized, .ownThread) struct PluginToolTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// What `postern` prints, run in `place` of the suite's folder.
    @discardableResult
    private func postern(_ arguments: [String], in place: String = ".") throws -> String {
        try Tool.run(
            "env", ["-C", self.folder.file(place).path, Binaries.program("postern")] + arguments)
    }

    private func refusal(_ arguments: [String], in place: String = ".") throws -> String {
        let error = try #require(throws: Tool.Failure.self) { try self.postern(arguments, in: place) }
        return error.description
    }

    /// `postern run` with the package's own configuration, on free ports.
    private struct Gateway: ~Copyable {
        let process: ChildProcess
        /// Of the listener `public`.
        let address: String

        deinit { self.process.stop() }
    }

    private func start(in place: String) throws -> Gateway {
        let yaml = self.folder.file("\(place)/postern.yaml")
        let text = try String(contentsOf: yaml, encoding: .utf8)
        let free = text.replacing("127.0.0.1:9901", with: "127.0.0.1:0")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:0")
        try free.write(to: self.folder.file("\(place)/free.yaml"), atomically: true, encoding: .utf8)
        let admin = self.folder.file("\(place)/admin")
        let process = try ChildProcess(
            "env",
            [
                "-C", self.folder.file(place).path, Binaries.program("postern"), "run", "-c", "free.yaml",
                "--admin-address-path", admin.path,
            ], output: self.folder.file("\(place)/log"))
        eventually { process.state != nil || !self.folder.text(of: "\(place)/admin").isEmpty }
        #expect(process.state == nil, "\(self.folder.text(of: "\(place)/log"))")
        let address = self.folder.text(of: "\(place)/admin").trimmingCharacters(in: .whitespacesAndNewlines)
        let listeners = try Self.ask(address, "/listeners").text
        let listener = try #require(listeners.firstMatch(of: /public::(\S+)/)?.1, "\(listeners)")
        return Gateway(process: process, address: String(listener))
    }

    /// What a client without a user gets, and one with.
    private func answers(in place: String) throws -> [RawMessage] {
        let gateway = try self.start(in: place)
        return try [Self.ask(gateway.address, "/"), Self.ask(gateway.address, "/", "x-user: jason\r\n")]
    }

    private static func ask(_ address: String, _ target: String, _ fields: String = "") throws -> RawMessage {
        let connection = try RawConnection(to: address)
        try connection.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
        return try connection.readResponse()
    }

    /// The commands of a section of a page, with what they print.
    private static func transcript(_ page: String, from start: String, to end: String) throws
        -> [(command: String, output: [String])]
    {
        let text = try String(contentsOf: Checkout.root.appending(path: page), encoding: .utf8)
        let section = try #require(text.firstRange(of: start)).upperBound
        let rest = text[section...]
        let lines = rest[..<(try #require(rest.firstRange(of: end)).lowerBound)].split(separator: "\n")
        var found: [(command: String, output: [String])] = []
        for line in lines where line.hasPrefix("    ") {
            if line.hasPrefix("    $ ") {
                found.append((String(line.dropFirst(6)), []))
            } else if !found.isEmpty {
                found[found.count - 1].output.append(Self.steady(String(line)))
            }
        }
        return found
    }

    /// A line without what differs each time.
    private static func steady(_ line: String) -> String {
        line.trimmingCharacters(in: .whitespacesAndNewlines).replacing(/^date: .*/, with: "date:")
            .replacing(/\([0-9.]+s\)/, with: "()")
    }

    @Test("The first page's three commands lead from nothing to filtered traffic, and print what it says")
    func swift() throws {
        let page = "docs/extending/first-filter.md"
        let commands = try Self.transcript(page, from: "## 1. Three commands", to: "## 2.")
        #expect(commands.count == 5)
        var gateway: Gateway?
        for (command, output) in commands {
            if command == "postern run" {
                gateway = try self.start(in: "hello")
                continue
            }
            let address = gateway?.address ?? ""
            let script =
                "cd \(command.contains("plugin new") ? "." : "hello") && "
                + command.replacing("postern ", with: "\(Binaries.program("postern")) ", maxReplacements: 1)
                .replacing("curl -i", with: "curl -si").replacing("127.0.0.1:8080", with: address)
            let printed = try Tool.run("env", ["-C", self.folder.url.path, "sh", "-c", script])
            let lines = printed.split(whereSeparator: \.isNewline).map { Self.steady(String($0)) }
            for line in output {
                #expect(lines.contains(line), "\(command) does not print '\(line)': \(printed)")
            }
        }

        let inspected = try self.postern(["plugin", "inspect", "hello/plugins/hello.so"])
        #expect(inspected.contains("phases      request_head response_head\n"))
        #expect(inspected.contains("exports     postern_plugin_entry_v1\n"))
        #expect(inspected.contains("libswiftCore.so"))

        let tested = try self.postern(["plugin", "test"], in: "hello")
        #expect(tested.contains("Test run with 3 tests in 1 suite passed"), "\(tested)")
    }

    @Test("A plugin with a Swift runtime of its own runs in a gateway that has another")
    func staticRuntime() throws {
        try self.postern(["plugin", "new", "own-runtime"])
        try self.postern(["plugin", "build", "--static-runtime"], in: "own-runtime")
        let file = "own-runtime/plugins/own-runtime.so"
        let inspected = try self.postern(["plugin", "inspect", file])
        #expect(inspected.contains("swift       none of the host's\n"))
        #expect(!inspected.contains("libswiftCore.so"))
        let answers = try self.answers(in: "own-runtime")
        #expect(answers[1]["x-greeting"] == "Good day, jason")
    }

    @Test("The same commands lead there in C")
    func c() throws {
        try self.postern(["plugin", "new", "stamp", "--language", "c"])
        try self.postern(["plugin", "build"], in: "stamp")
        #expect(try self.postern(["plugin", "test"], in: "stamp").contains("stamp: all checks passed"))
        let answers = try self.answers(in: "stamp")
        #expect(answers.map(\.status) == [401, 200])
        #expect(answers.map { $0["x-stamp"] } == ["seen", "seen"])
        let json = try self.postern(["plugin", "inspect", "--format", "json", "stamp/plugins/stamp.so"])
        let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect(parsed?["exports"] as? [String] == ["postern_plugin_entry_v1"])
        #expect(parsed?["libraries"] as? [String] == ["libc.so.6"])
        #expect(parsed?["swift"] is NSNull)
    }

    @Test("A failing test of a plugin is a failing command")
    func failingTest() throws {
        try self.postern(["plugin", "new", "stamp", "--language", "c"])
        let test = self.folder.file("stamp/stamp_test.c")
        let text = try String(contentsOf: test, encoding: .utf8)
        try text.replacing("== 401", with: "== 403").write(to: test, atomically: true, encoding: .utf8)
        #expect(
            try self.refusal(["plugin", "test"], in: "stamp").contains("not so: test.answer_status == 403"))
    }

    @Test("What cannot be made, built or inspected is refused with the way out")
    func refusals() throws {
        #expect(try self.refusal(["plugin", "new", "Bad"]).contains("must match [a-z0-9-]{1,64}"))
        try self.postern(["plugin", "new", "twice", "--language", "c"])
        #expect(try self.refusal(["plugin", "new", "twice"]).contains("'twice' is there already"))
        // Names of modules that the package needs, and of none.
        #expect(
            try self.postern(["plugin", "new", "testing"]).contains(
                "Sources/TestingFilter/TestingFilter.swift"))
        #expect(try self.postern(["plugin", "new", "2-go"]).contains("Sources/Filter2Go/Filter2Go.swift"))
        #expect(try self.refusal(["plugin", "build"]).contains("begin with 'postern plugin new NAME'"))
        let old = try CompiledPlugin("BadPlugins/wrong-major.c")
        #expect(
            try self.refusal(["plugin", "inspect", old.file]).contains(
                "built for version 3 of the ABI, this host speaks version 1"))
        let crash = try CompiledPlugin("BadPlugins/crash-on-load.c")
        #expect(try self.refusal(["plugin", "inspect", crash.file]).contains("killed by signal 6 (Aborted)"))
        let other = try CompiledPlugin("BadPlugins/other-name.c")
        #expect(try self.refusal(["plugin", "inspect", other.file]).contains("rename the file"))
    }

    @Test("A network filter, too, is built, tested and run as it comes", arguments: ["swift", "c"])
    func networkFilter(language: String) throws {
        try self.postern(["plugin", "new", "first-bytes", "--kind", "network-filter", "--language", language])
        try self.postern(["plugin", "test"], in: "first-bytes")
        try self.postern(["plugin", "build"], in: "first-bytes")
        let facts = try self.postern(["plugin", "inspect", "plugins/first-bytes.so"], in: "first-bytes")
        #expect(facts.contains("kind        network-filter"))
        #expect(facts.contains("phases      new_connection client_data service_data"))
        let backend = try RawBackend()
        backend.onConnection { connection in
            while case let bytes = try connection.readSome(), !bytes.isEmpty { try connection.send(bytes) }
        }
        let yaml = self.folder.file("first-bytes/postern.yaml")
        let text = try String(contentsOf: yaml, encoding: .utf8)
        try text.replacing("127.0.0.1:6379", with: backend.address)
            .replacing("127.0.0.1:6380", with: "127.0.0.1:0").write(
                to: yaml, atomically: true, encoding: .utf8)
        let gateway = try self.start(in: "first-bytes")
        let allowed = try RawConnection(to: gateway.address)
        try allowed.send("*1\r\n$4\r\nPING\r\n")
        #expect(try allowed.read(14) == Array("*1\r\n$4\r\nPING\r\n".utf8))
        let refused = try RawConnection(to: gateway.address)
        try refused.send("GET / HTTP/1.1\r\n")
        #expect((try? refused.isAtEnd()) ?? true)
        #expect(backend.connections.count == 1)
    }

    @Test("An adapter, too, is built, tested and run as it comes", arguments: ["swift", "c"])
    func adapter(language: String) throws {
        let made = try self.postern([
            "plugin", "new", "keep-lines", "--kind", "adapter", "--language", language,
        ])
        #expect(made.contains("keep-lines/postern.yaml"))
        let tested = try self.postern(["plugin", "test"], in: "keep-lines")
        let passed = language == "c" ? "all checks passed" : "Test run with 2 tests in 1 suite passed"
        #expect(tested.contains(passed), "\(tested)")
        try self.postern(["plugin", "build"], in: "keep-lines")
        let facts = try self.postern(["plugin", "inspect", "plugins/keep-lines.so"], in: "keep-lines")
        #expect(facts.contains("kind        adapter"))
        #expect(facts.contains("templates   logentry"))
        let gateway = try self.start(in: "keep-lines")
        #expect(try Self.ask(gateway.address, "/reviews", "x-user: jason\r\n").status == 200)
        let lines = "keep-lines/requests.\(language == "c" ? "tsv" : "jsonl")"
        eventually { self.folder.text(of: lines).hasSuffix("\n") }
        let line = self.folder.text(of: lines)
        for text in ["GET", "/reviews", "200", "jason"] { #expect(line.contains(text), "\(line)") }
    }
}
