import Apikey
import Denier
import Edge
import Foundation
import GatewayConfig
import List
import Memquota
import PosternSDK
import PosternTestKit
import Opa
import Redisquota
import Zipkin
import Otlp
import Prometheus
import Statsd
import Graphite
import Rbac
import Testing

/// `Plugins/NAME/conf.example.json` of adapters, and their schemas.
@Suite struct AdapterExampleTests {
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
        Example(DenierAdapter.self), Example(ListAdapter.self), Example(RbacAdapter.self),
        Example(ApikeyAdapter.self), Example(MemquotaAdapter.self), Example(EdgeAdapter.self),
        Example(OpaAdapter.self),
        Example(RedisquotaAdapter.self),
        Example(ZipkinAdapter.self),
        Example(OtlpAdapter.self),
        Example(PrometheusAdapter.self),
        Example(StatsdAdapter.self),
        Example(GraphiteAdapter.self),
    ]

    private func text(_ example: Example) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(
            contentsOf: root.appending(path: "Plugins/\(example.name)/conf.example.json"), encoding: .utf8)
    }

    @Test("The example fits the schema, and the adapter takes it", arguments: all)
    func example(example: Example) throws {
        let text = try self.text(example)
        let root = try #require(ConfigDocument.read(Array(text.utf8), as: .json).root)
        let problems = try PluginSchema(json: example.schema).validate(root)
        #expect(problems.isEmpty, "\(problems)")
        try example.configure(text)
    }

    @Test("A key that the schema does not know is refused", arguments: all)
    func unknown(example: Example) throws {
        let text = try self.text(example).replacing("{", with: "{ \"nonsense\": 1,", maxReplacements: 1)
        let root = try #require(ConfigDocument.read(Array(text.utf8), as: .json).root)
        #expect(
            try PluginSchema(json: example.schema).validate(root).contains { "\($0)".contains("nonsense") })
    }

    @Test("Secrets of headers and logins are not shown", arguments: all)
    func secrets(example: Example) throws {
        let text = try self.text(example)
        let root = try #require(ConfigDocument.read(Array(text.utf8), as: .json).root)
        let shown = try PluginSchema(json: example.schema).redacted(root).json()
        #expect(!shown.contains("an example"), "\(shown)")
        #expect(!text.contains("an example") || shown.contains("<redacted>"))
    }
}
