public import Expressions
internal import Primitives

/// Values as JSON that people read (the language definition, "JSON Data Conversion").
public enum PlainJSON {
    /// Integers beyond what every reader of JSON keeps exact.
    private static let exact: Int64 = 1 << 53 - 1

    /// - Returns: nil for an error. Keys that are no texts are spelled as texts.
    public static func write(_ value: Value) -> JSONValue? {
        switch value.kind {
        case .null: return .null
        case .bool: return .bool(value.isTrue)
        case .int:
            return value.asInt.map {
                $0.magnitude <= UInt64(Self.exact) ? .number("\($0)") : .string("\($0)")
            }
        case .uint: return value.asUInt.map { $0 <= UInt64(Self.exact) ? .number("\($0)") : .string("\($0)") }
        case .double: return value.asDouble.map { ValueJSON.number($0) }
        case .bytes: return .string(ValueText.base64(value))
        case .string, .type: return value.asText.map { .string($0.string) }
        case .timestamp, .duration, .ip, .cidr: return .string(ValueText.plain(value))
        case .list:
            return .array((0..<(value.elementCount ?? 0)).compactMap { Self.write(value.element($0)) })
        case .map:
            return .object(
                (0..<(value.elementCount ?? 0)).compactMap { index in
                    let (key, value) = value.entry(index)
                    return Self.write(value).map { JSONValue.Member(ValueText.plain(key), $0) }
                })
        case .absent, .attributeMap, .error: return nil
        }
    }
}
