public import Expressions
internal import Primitives

/// Attributes from JSON: `{"request.path": "/", "request.headers": {"host": "a"}, "response.code": 200}`.
///
/// Objects within objects spell dotted names too: `{"request": {"path": "/"}}`.
public enum AttributeJSON {
    /// - Throws: What is no attribute of the manifest, or no value of its type.
    public static func read(
        _ json: JSONValue, _ manifest: AttributeManifest
    ) throws(ValueJSON.Problem) -> BoundValues {
        let bag = BoundValues()
        guard let members = json.members else {
            throw ValueJSON.Problem("attributes are a JSON object, such as {\"request.path\": \"/\"}")
        }
        try Self.read(members, "", manifest, into: bag)
        return bag
    }

    private static func read(
        _ members: [JSONValue.Member], _ prefix: String, _ manifest: AttributeManifest, into bag: BoundValues
    ) throws(ValueJSON.Problem) {
        for member in members {
            let name = prefix + member.key
            if let id = manifest.id(name) {
                try Self.set(id, manifest[id], member.value, in: bag)
            } else if let inner = member.value.members {
                try Self.read(inner, "\(name).", manifest, into: bag)
            } else {
                throw ValueJSON.Problem("'\(name)' is no attribute")
            }
        }
    }

    private static func set(
        _ id: AttributeID, _ entry: AttributeManifest.Entry, _ json: JSONValue, in bag: BoundValues
    ) throws(ValueJSON.Problem) {
        if json == .null { return }
        if entry.type == .map(.string, .string), let members = json.members {
            var entries: [(key: ByteView, value: ByteView)] = []
            for member in members {
                guard let text = member.value.string, let key = bag.builder.string(member.key)?.asText,
                    let value = bag.builder.string(text)?.asText
                else { throw ValueJSON.Problem("'\(entry.name)' has texts only, not \(member.value)") }
                entries.append((key, value))
            }
            bag.set(id, to: entries)
            return
        }
        guard let value = Self.value(entry.type, json, bag.builder) else {
            throw ValueJSON.Problem("'\(entry.name)' must be \(Self.form(entry.type)), got \(json)")
        }
        bag.set(id, to: value)
    }

    private static func value(_ type: ExpressionType, _ json: JSONValue, _ builder: ValueBuilder) -> Value? {
        switch type {
        case .string: json.string.flatMap { builder.string($0) }
        case .int: json.digits.flatMap { Int64($0) }.map { .int($0) }
        case .double: json.digits.flatMap { Double($0) }.map { .double($0) }
        case .bool: json.bool.map { .bool($0) }
        case .timestamp: json.string.flatMap { ValueBuilder.timestamp($0) }
        case .duration: json.string.flatMap { ValueBuilder.duration($0) }
        case .ip: json.string.flatMap { ValueBuilder.ip($0) }
        default: nil
        }
    }

    private static func form(_ type: ExpressionType) -> String {
        switch type {
        case .string: "a text"
        case .int: "an integer"
        case .double: "a number"
        case .bool: "true or false"
        case .timestamp: "a time such as \"2026-01-02T15:04:05Z\""
        case .duration: "a duration such as \"1.5s\""
        case .ip: "an IP address"
        default: "an object of texts"
        }
    }
}
