public import Expressions

/// Types in protobuf's JSON form of `cel.expr.Type`: `{"list_type": {"elem_type": {"primitive": "INT64"}}}`.
public enum TypeJSON {
    private static let primitives: [(String, ExpressionType)] = [
        ("BOOL", .bool), ("INT64", .int), ("UINT64", .uint), ("DOUBLE", .double), ("STRING", .string),
        ("BYTES", .bytes),
    ]
    private static let messages: [String: ExpressionType] = [
        "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration,
        "google.protobuf.BoolValue": .wrapper(.bool), "google.protobuf.BytesValue": .wrapper(.bytes),
        "google.protobuf.DoubleValue": .wrapper(.double), "google.protobuf.FloatValue": .wrapper(.double),
        "google.protobuf.Int32Value": .wrapper(.int), "google.protobuf.Int64Value": .wrapper(.int),
        "google.protobuf.StringValue": .wrapper(.string), "google.protobuf.UInt32Value": .wrapper(.uint),
        "google.protobuf.UInt64Value": .wrapper(.uint), "google.protobuf.Value": .dyn,
        "google.protobuf.Any": .dyn, "google.protobuf.Struct": .map(.string, .dyn),
        "google.protobuf.ListValue": .list(.dyn), "net.IP": .ip, "net.CIDR": .cidr,
    ]

    /// - Returns: nil for what is no type.
    public static func read(_ json: JSONValue) -> ExpressionType? {
        guard let member = json.members?.first else { return nil }
        let value = member.value
        switch member.key {
        case "primitive": return Self.primitive(value)
        case "wrapper": return Self.primitive(value).map { .wrapper($0) }
        case "null": return .null
        case "dyn": return .dyn
        case "error": return .dyn
        case "well_known":
            return ["TIMESTAMP": .timestamp, "DURATION": .duration, "ANY": .dyn][value.string ?? ""]
        case "list_type": return .list(value["elem_type"].flatMap { Self.read($0) } ?? .dyn)
        case "map_type":
            let key = value["key_type"].flatMap { Self.read($0) } ?? .dyn
            return .map(key, value["value_type"].flatMap { Self.read($0) } ?? .dyn)
        case "message_type": return value.string.map { Self.messages[$0] ?? .opaque($0, []) }
        case "type_param": return value.string.map { .parameter($0) }
        case "type": return .type(Self.read(value))
        case "abstract_type":
            let name = value["name"]?.string ?? ""
            if let known = Self.messages[name] { return known }
            return .opaque(name, (value["parameter_types"]?.array ?? []).compactMap { Self.read($0) })
        default: return nil
        }
    }

    private static func primitive(_ json: JSONValue) -> ExpressionType? {
        Self.primitives.first { $0.0 == json.string }?.1
    }

    public static func write(_ type: ExpressionType) -> JSONValue {
        func one(_ key: String, _ value: JSONValue) -> JSONValue { .object([JSONValue.Member(key, value)]) }
        func name(_ primitive: ExpressionType) -> JSONValue {
            .string(Self.primitives.first { $0.1 == primitive }?.0 ?? "PRIMITIVE_TYPE_UNSPECIFIED")
        }
        switch type {
        case .bool, .int, .uint, .double, .string, .bytes: return one("primitive", name(type))
        case .null: return one("null", .null)
        case .timestamp: return one("well_known", .string("TIMESTAMP"))
        case .duration: return one("well_known", .string("DURATION"))
        case .ip: return one("abstract_type", one("name", .string("net.IP")))
        case .cidr: return one("abstract_type", one("name", .string("net.CIDR")))
        case .dyn, .variable, .failure: return one("dyn", .object([]))
        case .list(let element): return one("list_type", one("elem_type", Self.write(element)))
        case .map(let key, let value):
            let members = [
                JSONValue.Member("key_type", Self.write(key)),
                JSONValue.Member("value_type", Self.write(value)),
            ]
            return one("map_type", .object(members))
        case .type(let of): return one("type", of.map { Self.write($0) } ?? .object([]))
        case .wrapper(let primitive): return one("wrapper", name(primitive))
        case .opaque(let type, let parameters):
            var members = [JSONValue.Member("name", .string(type))]
            if !parameters.isEmpty {
                members.append(JSONValue.Member("parameter_types", .array(parameters.map { Self.write($0) })))
            }
            return one("abstract_type", .object(members))
        case .parameter(let name): return one("type_param", .string(name))
        }
    }
}
