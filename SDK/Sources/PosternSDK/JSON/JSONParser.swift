/// Reads one JSON text (RFC 8259). Nesting is limited to 64, repeated keys are refused.
package struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: ``ConfigProblem`` with the byte offset.
    package static func parse(_ bytes: [UInt8]) throws(ConfigProblem) -> JSONValue {
        var parser = Self(bytes)
        let value = try parser.value()
        parser.skipSpace()
        if parser.index < bytes.count { throw parser.problem("text behind the value") }
        return value
    }

    private func problem(_ what: String) -> ConfigProblem {
        ConfigProblem("", "not JSON: \(what) at byte \(self.index)")
    }

    private mutating func skipSpace() {
        while let byte = self.peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.index += 1
        }
    }

    private var peek: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peek == byte else { return false }
        self.index += 1
        return true
    }

    private mutating func word(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.bytes.count - self.index >= count else { return false }
        let matches = text.withUTF8Buffer { $0.elementsEqual(self.bytes[self.index..<self.index + count]) }
        if matches { self.index += count }
        return matches
    }

    private mutating func value() throws(ConfigProblem) -> JSONValue {
        self.skipSpace()
        guard let byte = self.peek else { throw self.problem("unexpected end") }
        switch byte {
        case UInt8(ascii: "{"): return try self.nested { parser throws(ConfigProblem) in try parser.object() }
        case UInt8(ascii: "["): return try self.nested { parser throws(ConfigProblem) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "-"), 0x30...0x39: return try self.number()
        default:
            if self.word("true") { return .bool(true) }
            if self.word("false") { return .bool(false) }
            if self.word("null") { return .null }
            throw self.problem("unexpected character")
        }
    }

    private mutating func nested(
        _ body: (inout Self) throws(ConfigProblem) -> JSONValue
    ) throws(ConfigProblem) -> JSONValue {
        self.index += 1
        self.depth += 1
        if self.depth > 64 { throw self.problem("nested deeper than 64") }
        let value = try body(&self)
        self.depth -= 1
        return value
    }

    private mutating func object() throws(ConfigProblem) -> JSONValue {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            self.skipSpace()
            guard self.peek == UInt8(ascii: "\"") else { throw self.problem("expected a key") }
            let key = try self.string()
            if !keys.insert(key).inserted { throw self.problem("repeated key '\(key)'") }
            self.skipSpace()
            if !self.take(UInt8(ascii: ":")) { throw self.problem("expected ':'") }
            members.append(.init(key: key, value: try self.value()))
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        if !self.take(UInt8(ascii: "}")) { throw self.problem("expected ',' or '}'") }
        return .object(members)
    }

    private mutating func array() throws(ConfigProblem) -> JSONValue {
        var items: [JSONValue] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            items.append(try self.value())
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        if !self.take(UInt8(ascii: "]")) { throw self.problem("expected ',' or ']'") }
        return .array(items)
    }

    private mutating func digits() throws(ConfigProblem) {
        guard let byte = self.peek, (0x30...0x39).contains(byte) else {
            throw self.problem("expected a digit")
        }
        while let byte = self.peek, (0x30...0x39).contains(byte) { self.index += 1 }
    }

    private mutating func number() throws(ConfigProblem) -> JSONValue {
        let start = self.index
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(0x30) { try self.digits() }
        if self.take(UInt8(ascii: ".")) { try self.digits() }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits()
        }
        return .number(String(decoding: self.bytes[start..<self.index], as: UTF8.self))
    }

    private mutating func string() throws(ConfigProblem) -> String {
        self.index += 1
        var text: [UInt8] = []
        while let byte = self.peek {
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw self.problem("malformed UTF-8 before")
                }
                return string
            case UInt8(ascii: "\\"): try self.escape(&text)
            case 0..<0x20: throw self.problem("control character in a string")
            default: text.append(byte)
            }
        }
        throw self.problem("unexpected end")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(ConfigProblem) {
        guard let byte = self.peek else { throw self.problem("unexpected end") }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try self.hexadecimal()
            if (0xD800..<0xDC00).contains(code), self.word("\\u") {
                let low = try self.hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw self.problem("unpaired surrogate") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw self.problem("unpaired surrogate") }
            text.append(contentsOf: String(scalar).utf8)
        default: throw self.problem("unknown escape")
        }
    }

    private mutating func hexadecimal() throws(ConfigProblem) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.problem("expected four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            self.index += 1
        }
        return code
    }
}
