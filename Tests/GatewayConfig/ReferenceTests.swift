internal import Foundation
internal import GatewayConfig
internal import Testing

/// The tables of `docs/reference/configuration.md`, which come from the schema.
///
/// `UPDATE_GOLDEN=1 swift test --filter ReferenceTests` writes them.
@Suite struct ReferenceTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/reference/configuration.md").standardizedFileURL

    @Test("The reference shows every key with its default and what the schema says of it")
    func tables() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var updated = ""
        var rest = text[...]
        var keys: [String] = []
        while let begin = rest.range(of: "<!-- keys: "),
            let name = rest[begin.upperBound...].range(of: " -->\n"),
            let end = rest.range(of: "<!-- end -->")
        {
            let key = String(rest[begin.upperBound..<name.lowerBound])
            updated += rest[..<name.upperBound] + ReferenceTable(key: key).text
            updated += rest[end]
            rest = rest[end.upperBound...]
            keys.append(key)
        }
        updated += rest
        #expect(keys == GatewayConfiguration.jsonSchema.nearest(toPointer: "/properties").keys)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try updated.write(to: Self.page, atomically: true, encoding: .utf8)
        } else {
            #expect(updated == text, "run this test with UPDATE_GOLDEN=1")
        }
    }

    @Test("What is short for rules stands in the documentation as it is")
    func standardRules() throws {
        try self.hold("operating/mixer.md", MixerConfiguration.standardText)
        let log = AccessLogConfiguration(destination: .file("/var/log/postern/access.log"))
        try self.hold("reference/access-log.md", log.ruleText)
    }

    private func hold(_ name: String, _ yaml: String) throws {
        let page = Self.page.deletingLastPathComponent()
            .appendingPathComponent("../\(name)").standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- standard -->\n"))
        let end = try #require(text.range(of: "<!-- end -->"))
        let updated = text[..<begin.upperBound] + "\n```yaml\n\(yaml)```\n\n" + text[end.lowerBound...]
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try updated.write(to: page, atomically: true, encoding: .utf8)
        } else {
            #expect(updated == text, "run this test with UPDATE_GOLDEN=1")
        }
    }
}

/// The rows of one key of the root and of all below it.
private struct ReferenceTable {
    private(set) var text = "\n| key | value | default | |\n| --- | --- | --- | --- |\n"

    init(key: String) {
        let root = GatewayConfiguration.jsonSchema
        let property = root.nearest(toPointer: "/properties/\(key)")
        self.add(property, path: key, isRequired: root["required"]?.elements.contains("\(key)") == true)
        self.text += "\n"
    }

    private mutating func add(_ schema: ConfigNode, path: String, isRequired: Bool) {
        let written = schema["default"]?.plain ?? ""
        var initial = written.isEmpty ? "" : "`\(written)`"
        if isRequired { initial = "required" }
        let description = (schema["description"]?.plain ?? "").replacing("|", with: "\\|")
        self.text += "| `\(path)` | \(Self.kind(of: schema)) | \(initial) | \(description) |\n"
        self.descend(schema, path)
    }

    /// Filters stand in three places and are shown in the first.
    private mutating func descend(_ schema: ConfigNode, _ path: String) {
        if path.hasSuffix(".filters"), path != "listeners[].filters" { return }
        if path.hasSuffix(".match.query") { return }
        let required = schema["required"]?.elements ?? []
        for key in schema["properties"]?.keys ?? [] {
            guard let child = schema["properties"]?[key] else { continue }
            self.add(child, path: "\(path).\(key)", isRequired: required.contains(key))
        }
        if let items = schema["items"] { self.descend(items, "\(path)[]") }
        if let values = schema["additionalProperties"] { self.descend(values, "\(path).NAME") }
        guard case .array(let forms)? = schema["anyOf"]?.value else { return }
        for form in forms { self.descend(form, path) }
    }

    private static func kind(of schema: ConfigNode) -> String {
        if let words = schema["enum"]?.elements { return words.map { "`\($0)`" }.joined(separator: ", ") }
        if schema["const"] != nil { return "`true`" }
        if case .array(let forms)? = schema["anyOf"]?.value {
            return forms.map { Self.kind(of: $0) }.joined(separator: " or ")
        }
        if let pattern = schema["pattern"]?.plain {
            if pattern.contains("us)?") { return "duration" }
            if pattern.contains("KiB") { return "size" }
        }
        switch schema["type"]?.plain {
        case "integer": return "\(schema["minimum"]?.plain ?? "")...\(schema["maximum"]?.plain ?? "")"
        case "boolean": return "`true`, `false`"
        case "array": return "list of " + (schema["items"].map { Self.kind(of: $0) } ?? "")
        case let type?: return type
        case nil: return ""
        }
    }
}

extension ConfigNode {
    fileprivate var keys: [String] {
        guard case .object(let members) = self.value else { return [] }
        return members.map(\.key)
    }

    fileprivate var elements: [String] {
        guard case .array(let elements) = self.value else { return [] }
        return elements.map(\.plain)
    }

    fileprivate var plain: String {
        if case .string(let text) = self.value { return text }
        return self.json()
    }
}
