import File
import Fluentd
import Foundation
import GatewayConfig
import HttpLog
import Kafka
import Nats
import Postgres
import PosternSDK
import PosternTestKit
import Stdio
import Syslog
import Testing

/// `Plugins/NAME/conf.example.json` of adapters for logs, and their schemas.
@Suite struct LogAdapterExampleTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let schema: String
        let configure: @Sendable (String) throws -> Void
        var testDescription: String { self.name }

        init<Handler: Adapter>(_ type: Handler.Type) {
            self.name = type.name
            self.schema = type.schema
            self.configure = { _ = try TestHost().configure(type, $0) }
        }
    }

    static let all = [
        Example(Stdio.self), Example(File.self), Example(Syslog.self), Example(Fluentd.self),
        Example(HttpLog.self), Example(Nats.self), Example(Kafka.self), Example(Postgres.self),
    ]

    private func text(_ example: Example) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(
            contentsOf: root.appending(path: "Plugins/\(example.name)/conf.example.json"), encoding: .utf8)
    }

    private func problems(_ example: Example, _ text: String) throws -> String {
        let root = try #require(ConfigDocument.read(Array(text.utf8), as: .json).root)
        return try PluginSchema(json: example.schema).validate(root).map { "\($0)" }.joined(separator: "\n")
    }

    @Test("The example fits the schema, and the adapter takes it", arguments: all)
    func example(example: Example) throws {
        let text = try self.text(example)
        #expect(try self.problems(example, text) == "")
        // Secrets are what the host puts in place of references.
        try example.configure(text.replacing(/\{ "(?:file|env)": "[^"]*" \}/, with: "\"a secret\""))
    }

    @Test("The page in the reference has a line for every key", arguments: all)
    func page(example: Example) throws {
        let schema = try JSONSerialization.jsonObject(with: Data(example.schema.utf8)) as? [String: Any]
        let page = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "docs/reference/plugins/\(example.name).md"),
            encoding: .utf8)
        let keys = (schema?["properties"] as? [String: Any])?.keys.sorted() ?? []
        #expect(!keys.isEmpty)
        for key in keys { #expect(page.contains("| `\(key)` |"), "the page does not tell of '\(key)'") }
    }

    @Test("A key that the schema does not know is refused", arguments: all)
    func unknown(example: Example) throws {
        let text = try self.text(example).replacing("{", with: "{ \"nonsense\": 1,", maxReplacements: 1)
        #expect(try self.problems(example, text).contains("nonsense"))
    }
}
