/// Reads JSON (RFC 8259) and remembers where each value begins.
///
/// An own reader, because libyaml refuses some JSON: escaped surrogate pairs, keys over 1,024 characters,
/// DEL. Its input is valid UTF-8 (``ConfigDocument`` has checked it).
struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var column = 1
    var builder: ConfigBuilder

    init(_ bytes: [UInt8], builder: ConfigBuilder) {
        self.bytes = bytes
        self.builder = builder
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.index = 3 }  // A byte order mark (RFC 8259, 8.1).
    }

    /// The one value of the text.
    mutating func document() throws(ConfigSyntaxError) -> ConfigNode {
        self.skipSpace()
        let root = try self.value(path: "", depth: 0)
        self.skipSpace()
        if self.index < self.bytes.count { throw self.error("nothing may follow the value") }
        return root
    }

    // MARK: Values

    private mutating func value(path: String, depth: Int) throws(ConfigSyntaxError) -> ConfigNode {
        let location = self.location(path)
        try self.builder.count(at: location)
        switch self.peek() {
        case 0x7B: return ConfigNode(.object(try self.object(path: path, depth: depth + 1)), at: location)
        case 0x5B: return ConfigNode(.array(try self.array(path: path, depth: depth + 1)), at: location)
        case 0x22: return ConfigNode(.string(try self.string(path: path)), at: location)
        case 0x2D, 0x30...0x39: return ConfigNode(try self.number(path: path), at: location)
        case 0x74:
            try self.literal("true", path: path)
            return ConfigNode(.bool(true), at: location)
        case 0x66:
            try self.literal("false", path: path)
            return ConfigNode(.bool(false), at: location)
        case 0x6E:
            try self.literal("null", path: path)
            return ConfigNode(.null, at: location)
        default: throw self.error("expected a JSON value", path: path)
        }
    }

    private mutating func object(path: String, depth: Int) throws(ConfigSyntaxError) -> [ConfigNode.Member] {
        try self.builder.checkDepth(depth, at: self.location(path))
        self.advance()
        self.skipSpace()
        var members: [ConfigNode.Member] = []
        if self.take(0x7D) { return members }
        while true {
            guard self.peek() == 0x22 else { throw self.error("expected a key in double quotes", path: path) }
            var keyLocation = self.location(path)
            let key = try self.string(path: path)
            try self.builder.checkKey(key, at: keyLocation)
            keyLocation.path = ConfigPath.member(path, key)
            self.skipSpace()
            guard self.take(0x3A) else {
                throw self.error("expected `:` after the key", path: keyLocation.path)
            }
            self.skipSpace()
            let value = try self.value(path: keyLocation.path, depth: depth)
            members.append(ConfigNode.Member(key, value, keyLocation: keyLocation))
            self.skipSpace()
            if self.take(0x7D) { return self.builder.withoutRepeatedKeys(members) }
            guard self.take(0x2C) else { throw self.error("expected `,` or `}`", path: path) }
            self.skipSpace()
        }
    }

    private mutating func array(path: String, depth: Int) throws(ConfigSyntaxError) -> [ConfigNode] {
        try self.builder.checkDepth(depth, at: self.location(path))
        self.advance()
        self.skipSpace()
        var elements: [ConfigNode] = []
        if self.take(0x5D) { return elements }
        while true {
            elements.append(try self.value(path: ConfigPath.element(path, elements.count), depth: depth))
            self.skipSpace()
            if self.take(0x5D) { return elements }
            guard self.take(0x2C) else { throw self.error("expected `,` or `]`", path: path) }
            self.skipSpace()
        }
    }

    private mutating func literal(_ word: StaticString, path: String) throws(ConfigSyntaxError) {
        for expected in word.description.utf8 {
            guard self.take(expected) else { throw self.error("expected a JSON value", path: path) }
        }
    }

    /// An integer when it is written as one and fits; else the nearest `Double`, which must be finite.
    private mutating func number(path: String) throws(ConfigSyntaxError) -> ConfigNode.Value {
        let location = self.location(path)
        let start = self.index
        var isInteger = true
        _ = self.take(0x2D)
        if !self.take(0x30) { try self.digits(path: path) }
        if self.take(0x2E) {
            isInteger = false
            try self.digits(path: path)
        }
        if self.peek() == 0x65 || self.peek() == 0x45 {
            isInteger = false
            self.advance()
            if !self.take(0x2B) { _ = self.take(0x2D) }
            try self.digits(path: path)
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw ConfigSyntaxError(location, "the number is too large")
        }
        return .number(number)
    }

    private mutating func digits(path: String) throws(ConfigSyntaxError) {
        guard (0x30...0x39).contains(self.peek()) else { throw self.error("expected a digit", path: path) }
        while (0x30...0x39).contains(self.peek()) { self.advance() }
    }

    // MARK: Strings

    private mutating func string(path: String) throws(ConfigSyntaxError) -> String {
        self.advance()
        var text: [UInt8] = []
        while self.index < self.bytes.count {
            let byte = self.bytes[self.index]
            switch byte {
            case 0x22:
                self.advance()
                return String(decoding: text, as: UTF8.self)
            case 0x5C: text.append(contentsOf: try self.escape(path: path))
            case 0..<0x20: throw self.error("a control character in a string must be escaped", path: path)
            default:
                text.append(byte)
                self.advance()
            }
        }
        throw self.error("the string has no end", path: path)
    }

    private mutating func escape(path: String) throws(ConfigSyntaxError) -> [UInt8] {
        self.advance()
        let letter = self.peek()
        let simple: UInt8
        switch letter {
        case 0x22, 0x5C, 0x2F: simple = letter
        case 0x62: simple = 0x08
        case 0x66: simple = 0x0C
        case 0x6E: simple = 0x0A
        case 0x72: simple = 0x0D
        case 0x74: simple = 0x09
        case 0x75: return Array(String(try self.unicodeEscape(path: path)).utf8)
        default: throw self.error("unknown escape in a string", path: path)
        }
        self.advance()
        return [simple]
    }

    private mutating func unicodeEscape(path: String) throws(ConfigSyntaxError) -> Character {
        var code = try self.fourDigits(path: path)
        if (0xD800...0xDBFF).contains(code), self.take(0x5C), self.peek() == 0x75 {
            let low = try self.fourDigits(path: path)
            guard (0xDC00...0xDFFF).contains(low) else {
                throw self.error("half of a surrogate pair", path: path)
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw self.error("half of a surrogate pair", path: path)
        }
        if code == 0 { throw self.error("a string must not hold U+0000", path: path) }
        return Character(scalar)
    }

    private mutating func fourDigits(path: String) throws(ConfigSyntaxError) -> UInt32 {
        self.advance()
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(self.peek())).hexDigitValue else {
                throw self.error("expected four hexadecimal digits", path: path)
            }
            code = code << 4 | UInt32(digit)
            self.advance()
        }
        return code
    }

    // MARK: Bytes

    /// The next byte; 0, which no JSON holds outside a string, at the end.
    private func peek() -> UInt8 { self.index < self.bytes.count ? self.bytes[self.index] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.index < self.bytes.count, self.bytes[self.index] == byte else { return false }
        self.advance()
        return true
    }

    private mutating func advance() {
        guard self.index < self.bytes.count else { return }
        let byte = self.bytes[self.index]
        self.index += 1
        if byte == 0x0A {
            self.line += 1
            self.column = 1
        } else if self.index == self.bytes.count || self.bytes[self.index] & 0xC0 != 0x80 {
            // At a character's last byte, so that its continuation bytes have its own column.
            self.column += 1
        }
    }

    private mutating func skipSpace() {
        while [0x20, 0x09, 0x0A, 0x0D].contains(self.peek()) { self.advance() }
    }

    private func location(_ path: String) -> ConfigLocation {
        ConfigLocation(path: path, line: self.line, column: self.column)
    }

    private func error(_ message: String, path: String = "") -> ConfigSyntaxError {
        let found = self.index < self.bytes.count ? "" : "; the text ends here"
        return ConfigSyntaxError(self.location(path), message + found)
    }
}
