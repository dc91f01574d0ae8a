import Foundation
import TestSupport
import Testing

/// `examples/plugins` and `examples/adapter-sqlite`: as short as the guide says, and as true.
@Suite(.serialized, .ownThread) struct ExamplePluginTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name, source: String
        let lines: Int
        /// What `BOB_KEY` is.
        let secret: String
        var testDescription: String { self.name }
    }

    static let examples = [
        Example(
            name: "mini-key-auth", source: "Sources/MiniKeyAuth/MiniKeyAuth.swift", lines: 40,
            secret: "another"),
        Example(name: "mini-key-auth-c", source: "mini-key-auth-c.c", lines: 60, secret: "bob:another"),
    ]

    @Test("It builds, passes its tests, and lets pass whom it should", arguments: examples)
    func works(_ example: Example) throws {
        let folder = try TemporaryFolder()
        let original = Checkout.root.appending(path: "examples/plugins/\(example.name)")
        let source = try String(contentsOf: original.appending(path: example.source), encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 <= example.lines)

        let copy = folder.file(example.name)
        try FileManager.default.copyItem(at: original, to: copy)
        let postern = Binaries.program("postern")
        try Tool.run("env", ["-C", copy.path, postern, "plugin", "test"])
        try Tool.run("env", ["-C", copy.path, postern, "plugin", "build"])

        let yaml = try String(contentsOf: copy.appending(path: "postern.yaml"), encoding: .utf8)
        let configuration = yaml.replacing("version: 1\nadmin: { address: 127.0.0.1:9901 }\n", with: "")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:0")
            .replacing("[plugins]", with: "[\"\(copy.path)/plugins\", \"\(Binaries.pluginFolder)\"]")
            .replacing("{ env: BOB_KEY }", with: "\"\(example.secret)\"")
        let proxy = try ProxyProcess(configuration)
        for (key, status) in [("a-secret", 200), ("another", 200), ("guessed", 401)] {
            let client = try proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nx-api-key: \(key)\r\n\r\n")
            #expect(try client.readResponse().status == status, "\(key)")
        }
        #expect(proxy.stop() == .exited(0))
    }

    /// Lines of all its sources together.
    private static func lines(below folder: URL) throws -> Int {
        try Checkout.files(below: folder).reduce(0) { sum, file in
            let text = try String(contentsOf: file, encoding: .utf8)
            return sum + text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        }
    }

    @Test("The adapter of 150 lines builds, passes its tests, and keeps what was asked of the gateway")
    func sqlite() throws {
        let folder = try TemporaryFolder()
        let original = Checkout.root.appending(path: "examples/adapter-sqlite")
        #expect(try Self.lines(below: original.appending(path: "Sources")) <= 150)

        let copy = folder.file("sqlite")
        try FileManager.default.copyItem(at: original, to: copy)
        let postern = Binaries.program("postern")
        try Tool.run("env", ["-C", copy.path, postern, "plugin", "test"])
        try Tool.run("env", ["-C", copy.path, postern, "plugin", "build"])

        let database = folder.file("requests.db").path
        let yaml = try String(contentsOf: copy.appending(path: "postern.yaml"), encoding: .utf8)
        let configuration = yaml.replacing("version: 1\nadmin: { address: 127.0.0.1:9901 }\n", with: "")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:0")
            .replacing("[plugins]", with: "[\"\(copy.path)/plugins\", \"\(Binaries.pluginFolder)\"]")
            .replacing("requests.db", with: database)
        let proxy = try ProxyProcess(configuration)
        for user in ["jason", "o'hara"] {
            let client = try proxy.connect()
            try client.send("GET /reviews HTTP/1.1\r\nHost: a\r\nx-user: \(user)\r\n\r\n")
            #expect(try client.readResponse().status == 200)
        }
        // The last batch is given to the handler before the end.
        #expect(proxy.stop() == .exited(0))
        let rows = try Tool.run(
            "sqlite3", [database, "SELECT method, path, status, user FROM requests ORDER BY timestamp"])
        #expect(rows == "GET|/reviews|200|jason\nGET|/reviews|200|o'hara\n")
    }
}
