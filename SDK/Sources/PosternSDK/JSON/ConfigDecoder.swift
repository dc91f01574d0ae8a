/// Decodes a plugin's configuration without Foundation.
///
/// - Throws: ``ConfigProblem`` with a JSON pointer, or what a type's own `init(from:)` throws.
@usableFromInline
func decodeConfig<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value {
    try ConfigDecoder(value: try JSONParser.parse(json), codingPath: []).unwrap(type)
}

struct PathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        self.intValue = nil
    }

    init(intValue: Int) {
        self.stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// A JSON pointer (RFC 6901) to the place that the keys lead to.
func jsonPointer(_ path: [any CodingKey]) -> String {
    var pointer = ""
    for key in path {
        pointer += "/"
        for character in key.stringValue {
            switch character {
            case "~": pointer += "~0"
            case "/": pointer += "~1"
            default: pointer.append(character)
            }
        }
    }
    return pointer
}

extension ConfigProblem {
    /// What a type's own decoding found wrong.
    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self.init(jsonPointer(context.codingPath), context.debugDescription)
        case .keyNotFound(let key, let context):
            self.init(jsonPointer(context.codingPath), "'\(key.stringValue)' is required")
        @unknown default:
            self.init("", "\(error)")
        }
    }
}

struct ConfigDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func problem(_ expected: String) -> ConfigProblem {
        ConfigProblem(jsonPointer(self.codingPath), "must be \(expected), got \(self.value.kind)")
    }

    func child(_ value: JSONValue, _ key: any CodingKey) -> ConfigDecoder {
        ConfigDecoder(value: value, codingPath: self.codingPath + [key])
    }

    /// Durations are written as text, so they come before their type's own decoding.
    func unwrap<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == Duration.self, let duration = try self.duration() as? Value { return duration }
        return try Value(from: self)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = self.value else { throw self.problem("an object") }
        return KeyedDecodingContainer(ObjectContainer<Key>(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = self.value else { throw self.problem("an array") }
        return ArrayContainer(decoder: self, items: items)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { self.value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = self.value else { throw self.problem("a boolean") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value) = self.value else { throw self.problem("a string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard case .number(let text) = self.value, let value = Double(text) else {
            throw self.problem("a number")
        }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try self.decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try self.integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try self.integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try self.integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try self.integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try self.integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try self.integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer() }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.unwrap(type) }

    private func integer<Value: FixedWidthInteger>() throws -> Value {
        guard case .number(let text) = self.value else { throw self.problem("a whole number") }
        guard let value = Value(text) else {
            throw ConfigProblem(
                jsonPointer(self.codingPath),
                "must be a whole number in \(Value.min)...\(Value.max), got \(text)"
            )
        }
        return value
    }

    private func duration() throws -> Duration {
        let text = try self.decode(String.self)
        guard let duration = Duration(configText: text) else {
            throw ConfigProblem(
                jsonPointer(self.codingPath), "must be a duration like 250ms, 2s or 1m30s, got '\(text)'")
        }
        return duration
    }
}
