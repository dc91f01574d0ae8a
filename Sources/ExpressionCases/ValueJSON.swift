public import Expressions
internal import Primitives

/// Values in protobuf's JSON form of `cel.expr.Value`: `{"int64_value": "1"}`.
public enum ValueJSON {
    /// A value that has no meaning here.
    public struct Problem: Error, CustomStringConvertible {
        public let description: String

        public init(_ description: String) { self.description = description }
    }

    private static let typePrefix = "type.googleapis.com/"

    // MARK: Reading

    /// - Parameter builder: Keeps the texts, lists and maps.
    public static func read(_ json: JSONValue, _ builder: ValueBuilder) throws(Problem) -> Value {
        guard let member = json.members?.first else {
            throw Problem("expected a value such as {\"int64_value\": \"1\"}")
        }
        if let value = Self.read(member.key, member.value, builder) { return value }
        switch member.key {
        case "object_value": return try Self.object(member.value, builder)
        case "list_value":
            var elements: [Value] = []
            for element in member.value["values"]?.array ?? [] {
                elements.append(try Self.read(element, builder))
            }
            guard let list = builder.list(elements) else { throw Problem("too large a list") }
            return list
        case "map_value":
            var entries: [(key: Value, value: Value)] = []
            for entry in member.value["entries"]?.array ?? [] {
                guard let key = entry["key"], let value = entry["value"] else {
                    throw Problem("an entry has a key and a value")
                }
                entries.append((try Self.read(key, builder), try Self.read(value, builder)))
            }
            guard let map = builder.map(entries) else { throw Problem("no map: a key is there twice") }
            return map
        default: throw Problem("\(member.key) cannot be \(member.value)")
        }
    }

    private static func read(_ kind: String, _ json: JSONValue, _ builder: ValueBuilder) -> Value? {
        switch kind {
        case "null_value": .null
        case "bool_value": json.bool.map { .bool($0) }
        case "int64_value": json.digits.flatMap { Int64($0) }.map { .int($0) }
        case "uint64_value": json.digits.flatMap { UInt64($0) }.map { .uint($0) }
        case "double_value": json.digits.flatMap { Double($0) }.map { .double($0) }
        case "string_value": json.string.flatMap { builder.string($0) }
        case "bytes_value": json.string.flatMap { builder.base64($0) }
        case "type_value": json.string.flatMap { builder.type($0) }
        default: nil
        }
    }

    /// A message of `google.protobuf` that is one of CEL's own values.
    private static func object(_ json: JSONValue, _ builder: ValueBuilder) throws(Problem) -> Value {
        let name = json["@type"]?.string ?? ""
        let type = name.hasPrefix(Self.typePrefix) ? String(name.dropFirst(Self.typePrefix.count)) : name
        let value = json["value"] ?? .null
        let read: Value? =
            switch type {
            case "google.protobuf.Timestamp": value.string.flatMap { ValueBuilder.timestamp($0) }
            case "google.protobuf.Duration": value.string.flatMap { ValueBuilder.duration($0) }
            case "google.protobuf.BoolValue": Self.read("bool_value", value, builder)
            case "google.protobuf.BytesValue": Self.read("bytes_value", value, builder)
            case "google.protobuf.DoubleValue", "google.protobuf.FloatValue":
                Self.read("double_value", value, builder)
            case "google.protobuf.Int32Value", "google.protobuf.Int64Value":
                Self.read("int64_value", value, builder)
            case "google.protobuf.StringValue": Self.read("string_value", value, builder)
            case "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
                Self.read("uint64_value", value, builder)
            case "google.protobuf.Value", "google.protobuf.Struct", "google.protobuf.ListValue":
                Self.plain(value, builder)
            default: nil
            }
        guard let read else { throw Problem("messages of the type '\(type)' are not supported") }
        return read
    }

    /// JSON as a value: numbers are doubles.
    public static func plain(_ json: JSONValue, _ builder: ValueBuilder) -> Value? {
        switch json {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .number(let text): return Double(text).map { .double($0) }
        case .string(let text): return builder.string(text)
        case .array(let values):
            let elements = values.compactMap { Self.plain($0, builder) }
            return elements.count == values.count ? builder.list(elements) : nil
        case .object(let members):
            var entries: [(key: Value, value: Value)] = []
            for member in members {
                guard let key = builder.string(member.key), let value = Self.plain(member.value, builder)
                else {
                    return nil
                }
                entries.append((key, value))
            }
            return builder.map(entries)
        }
    }

    // MARK: Writing

    /// - Returns: nil for an error.
    public static func write(_ value: Value) -> JSONValue? {
        switch value.kind {
        case .null: return Self.one("null_value", .null)
        case .bool: return Self.one("bool_value", .bool(value.isTrue))
        case .int: return value.asInt.map { Self.one("int64_value", .string("\($0)")) }
        case .uint: return value.asUInt.map { Self.one("uint64_value", .string("\($0)")) }
        case .double: return value.asDouble.map { Self.one("double_value", Self.number($0)) }
        case .string: return value.asText.map { Self.one("string_value", .string($0.string)) }
        case .bytes: return Self.one("bytes_value", .string(ValueText.base64(value)))
        case .type: return value.asText.map { Self.one("type_value", .string($0.string)) }
        case .timestamp: return Self.message("google.protobuf.Timestamp", ValueText.inThrees(value))
        case .duration: return Self.message("google.protobuf.Duration", ValueText.inThrees(value))
        case .ip: return Self.message("net.IP", ValueText.plain(value))
        case .cidr: return Self.message("net.CIDR", ValueText.plain(value))
        case .list:
            let elements = (0..<(value.elementCount ?? 0)).compactMap { Self.write(value.element($0)) }
            return Self.one(
                "list_value", elements.isEmpty ? .object([]) : Self.one("values", .array(elements)))
        case .map:
            let entries = (0..<(value.elementCount ?? 0)).compactMap { index -> JSONValue? in
                let (key, value) = value.entry(index)
                guard let key = Self.write(key), let value = Self.write(value) else { return nil }
                return .object([JSONValue.Member("key", key), JSONValue.Member("value", value)])
            }
            return Self.one("map_value", entries.isEmpty ? .object([]) : Self.one("entries", .array(entries)))
        case .absent, .attributeMap, .error: return nil
        }
    }

    private static func one(_ key: String, _ value: JSONValue) -> JSONValue {
        .object([JSONValue.Member(key, value)])
    }

    private static func message(_ type: String, _ value: String) -> JSONValue {
        Self.one(
            "object_value",
            .object([
                JSONValue.Member("@type", .string(Self.typePrefix + type)),
                JSONValue.Member("value", .string(value)),
            ]))
    }

    /// A number; what JSON has no number for, as a text.
    static func number(_ number: Double) -> JSONValue {
        if number.isNaN { return .string("NaN") }
        if number.isInfinite { return .string(number > 0 ? "Infinity" : "-Infinity") }
        return .number("\(number)")
    }
}
