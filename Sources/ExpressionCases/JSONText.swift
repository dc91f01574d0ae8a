/// Reads JSON (RFC 8259).
public struct JSONText {
    /// Where a text is no JSON, in bytes from its beginning.
    public struct Problem: Error, CustomStringConvertible {
        public let message: String
        public let offset: Int
        public var description: String { "\(self.message) at byte \(self.offset)" }
    }

    private static let depthLimit = 200

    private let bytes: [UInt8]
    private var index = 0

    private init(_ text: some StringProtocol) { self.bytes = Array(text.utf8) }

    /// The one value of a text.
    public static func parse(_ text: some StringProtocol) throws(Problem) -> JSONValue {
        var reader = JSONText(text)
        let value = try reader.value(0)
        reader.skipSpace()
        guard reader.index == reader.bytes.count else { throw reader.problem("nothing may follow the value") }
        return value
    }

    private func problem(_ message: String) -> Problem { Problem(message: message, offset: self.index) }

    private var byte: UInt8 { self.index < self.bytes.count ? self.bytes[self.index] : 0 }

    private mutating func skipSpace() {
        while [0x20, 0x09, 0x0A, 0x0D].contains(self.byte) { self.index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        self.skipSpace()
        guard self.byte == byte else { return false }
        self.index += 1
        return true
    }

    private mutating func value(_ depth: Int) throws(Problem) -> JSONValue {
        guard depth < Self.depthLimit else { throw self.problem("too deeply nested") }
        self.skipSpace()
        switch self.byte {
        case 0x7B: return try self.object(depth)
        case 0x5B: return try self.array(depth)
        case 0x22: return .string(try self.string())
        case 0x2D, 0x30...0x39: return try self.number()
        default:
            for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
            where self.bytes[self.index...].starts(with: word.utf8) {
                self.index += word.utf8.count
                return value
            }
            throw self.problem("expected a JSON value")
        }
    }

    private mutating func object(_ depth: Int) throws(Problem) -> JSONValue {
        self.index += 1
        var members: [JSONValue.Member] = []
        if self.take(0x7D) { return .object(members) }
        while true {
            self.skipSpace()
            guard self.byte == 0x22 else { throw self.problem("expected a key in double quotes") }
            let key = try self.string()
            guard self.take(0x3A) else { throw self.problem("expected ':'") }
            members.append(JSONValue.Member(key, try self.value(depth + 1)))
            if self.take(0x7D) { return .object(members) }
            guard self.take(0x2C) else { throw self.problem("expected ',' or '}'") }
        }
    }

    private mutating func array(_ depth: Int) throws(Problem) -> JSONValue {
        self.index += 1
        var values: [JSONValue] = []
        if self.take(0x5D) { return .array(values) }
        while true {
            values.append(try self.value(depth + 1))
            if self.take(0x5D) { return .array(values) }
            guard self.take(0x2C) else { throw self.problem("expected ',' or ']'") }
        }
    }

    private mutating func number() throws(Problem) -> JSONValue {
        let start = self.index
        while [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(self.byte) || self.byte &- 0x30 < 10 { self.index += 1 }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        guard Double(text) != nil else { throw self.problem("'\(text)' is no number") }
        return .number(text)
    }

    private mutating func string() throws(Problem) -> String {
        self.index += 1
        var text: [UInt8] = []
        while self.index < self.bytes.count {
            let byte = self.byte
            self.index += 1
            switch byte {
            case 0x22: return String(decoding: text, as: UTF8.self)
            case 0x5C: text += try self.escape()
            case 0..<0x20: throw self.problem("a control character in a string must be escaped")
            default: text.append(byte)
            }
        }
        throw self.problem("the string has no end")
    }

    private mutating func escape() throws(Problem) -> [UInt8] {
        let letter = self.byte
        self.index += 1
        switch letter {
        case 0x22, 0x5C, 0x2F: return [letter]
        case 0x62: return [0x08]
        case 0x66: return [0x0C]
        case 0x6E: return [0x0A]
        case 0x72: return [0x0D]
        case 0x74: return [0x09]
        case 0x75:
            var code = try self.fourDigits()
            if (0xD800...0xDBFF).contains(code), self.bytes[self.index...].starts(with: [0x5C, 0x75]) {
                self.index += 2
                let low = try self.fourDigits()
                guard (0xDC00...0xDFFF).contains(low) else { throw self.problem("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw self.problem("half of a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw self.problem("unknown escape in a string")
        }
    }

    private mutating func fourDigits() throws(Problem) -> UInt32 {
        let digits = self.bytes[self.index...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw self.problem("expected four hexadecimal digits") }
        self.index += 4
        return code
    }
}
