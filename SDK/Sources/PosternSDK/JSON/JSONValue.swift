/// A JSON value (RFC 8259); numbers keep their text, so that nothing is lost between reading and writing.
///
/// May stand in a filter's `Config` where any value is allowed.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written.
    case number(String)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order, no key twice.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Hashable {
        /// Its name.
        public let key: String
        /// What it holds.
        public var value: JSONValue

        /// A member called `key`.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// What it is, for messages; never the value, which may be a secret.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Reads one JSON text: UTF-8, at most 64 deep, no key twice in an object, nothing behind the value.
    ///
    /// - Throws: ``ConfigProblem`` with the byte where it ends to be JSON.
    public init(parsing text: [UInt8]) throws(ConfigProblem) { self = try JSONParser.parse(text) }

    /// The member called `key`; nil for anything but an object that has it.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text of a string; nil for other values.
    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, when it is one that a `Double` can tell.
    public var number: Double? {
        guard case .number(let text) = self, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Writes it without spaces; object members in their order.
    public func write(to text: inout [UInt8]) {
        switch self {
        case .null: text.append(contentsOf: "null".utf8)
        case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): text.append(contentsOf: number.utf8)
        case .string(let string): Self.write(string, to: &text)
        case .array(let items):
            text.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                item.write(to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                member.value.write(to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 0..<0x20:
                text.append(contentsOf: "\\u00".utf8)
                text.append((byte >> 4) + 0x30)
                text.append(byte & 15 < 10 ? (byte & 15) + 0x30 : (byte & 15) + 0x57)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

extension JSONValue: Decodable {
    /// Takes the value as it is; only the SDK's own decoder can do that.
    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? ConfigDecoder else {
            throw ConfigProblem("", "a JSON value can only be read from a filter's configuration")
        }
        self = decoder.value
    }
}
