internal import Foundation
internal import GatewayConfig
internal import TestSupport
internal import Testing

/// The schema that `postern schema` prints, held against the reader.
@Suite struct GatewaySchemaTests {
    static let fixtures = ["interface.yaml", "everything.yaml"]

    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures")
        return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private let schema: PluginSchema

    private static let compiled = Result { try PluginSchema(GatewayConfiguration.jsonSchema) }

    init() throws { self.schema = try Self.compiled.get() }

    @Test("Accepts what the reader accepts", arguments: fixtures)
    func acceptsExamples(name: String) throws {
        let bytes = try Self.fixture(name)
        guard case .loaded(let loaded) = GatewayConfiguration.read(bytes, fileName: name, directory: "")
        else {
            Issue.record("the reader refuses \(name)")
            return
        }
        #expect(loaded.warnings == [])
        #expect(self.schema.validate(loaded.document) == [])
    }

    @Test("Finds fault only where the reader does", arguments: try GoldenCase.all())
    func isNotStricter(golden: GoldenCase) throws {
        let bytes = Array(golden.input.utf8)
        guard let root = ConfigDocument.read(bytes, fileName: "gateway").root else { return }
        var paths: [String] = []
        if case .invalid(let problems) = GatewayConfiguration.read(bytes, fileName: "gateway", directory: "")
        {
            paths = problems.filter { $0.severity == .error }.map(\.path)
        }
        for problem in self.schema.validate(root) {
            let isKnown = paths.contains { $0.hasPrefix(problem.path) || problem.path.hasPrefix($0) }
            #expect(isKnown, "only the schema finds: \(problem)")
        }
    }

    @Test("Refuses most of what the reader refuses by form alone")
    func refusesBadForms() throws {
        let refused = try GoldenCase.all().filter { golden in
            guard let root = ConfigDocument.read(Array(golden.input.utf8), fileName: "gateway").root else {
                return false
            }
            return !self.schema.validate(root).isEmpty
        }
        let names = Set(refused.map(\.name))
        for name in [
            "rule-with-two-actions", "filter-keys-of-the-other-kind", "header-changes",
            "service-balancing-not-yet",
        ] {
            #expect(names.contains(name))
        }
        #expect(names.count >= 45)
    }

    @Test("Carries the default of every key that has one")
    func defaults() {
        let listener = GatewayConfiguration.jsonSchema.nearest(
            toPointer: "/properties/listeners/items/properties")
        #expect(listener["limits"]?["properties"]?["head"]?["default"]?.value == .string("64KiB"))
        #expect(listener["timeouts"]?["properties"]?["header"]?["default"]?.value == .string("10s"))
        #expect(listener["upgrades"]?["default"]?.json() == #"["websocket"]"#)
        #expect(listener["address"]?["default"] == nil)
    }
}
