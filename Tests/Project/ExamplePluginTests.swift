import Foundation
import TestSupport
import Testing

/// `examples/plugins`: as short as the guide says, and as true.
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
            .replacing("[plugins]", with: "[\"\(copy.path)/plugins\"]")
            .replacing("{ env: BOB_KEY }", with: "\"\(example.secret)\"")
        let proxy = try ProxyProcess(configuration)
        for (key, status) in [("a-secret", 200), ("another", 200), ("guessed", 401)] {
            let client = try proxy.connect()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nx-api-key: \(key)\r\n\r\n")
            #expect(try client.readResponse().status == status, "\(key)")
        }
        #expect(proxy.stop() == .exited(0))
    }
}
