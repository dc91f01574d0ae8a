/// Splits an expression's text into tokens (the language definition, "Syntax").
struct Lexer {
    let bytes: [UInt8]
    var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private static let symbols: [String] = [
        "==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "+", "-", "*",
        "/", "%", "!", "<", ">", "|",
    ]

    /// All tokens; the last is the end.
    mutating func tokens() throws(SyntaxError) -> [Token] {
        var tokens: [Token] = []
        repeat { tokens.append(try self.next()) } while tokens.last?.kind != .end
        return tokens
    }

    func byte(_ ahead: Int = 0) -> UInt8 {
        self.index + ahead < self.bytes.count ? self.bytes[self.index + ahead] : 0
    }

    private mutating func next() throws(SyntaxError) -> Token {
        self.skipSpace()
        let start = self.index
        guard start < self.bytes.count else { return Token(kind: .end, text: "", offset: start) }
        let byte = self.byte()
        if Self.isDigit(byte) || byte == 0x2E && Self.isDigit(self.byte(1)) { return try self.number() }
        if let literal = try self.textLiteral() { return literal }
        if Self.isLetter(byte) {
            while Self.isLetter(self.byte()) || Self.isDigit(self.byte()) { self.index += 1 }
            return Token(kind: .identifier, text: self.spelling(from: start), offset: start)
        }
        if byte == 0x60 { return try self.quotedIdentifier() }
        for symbol in Self.symbols where self.bytes[start...].starts(with: symbol.utf8) {
            self.index += symbol.utf8.count
            return Token(kind: .symbol, text: symbol, offset: start)
        }
        let rest = String(decoding: self.bytes[start...], as: UTF8.self)
        throw SyntaxError("'\(rest.prefix(1))' is no part of an expression", at: start)
    }

    private mutating func skipSpace() {
        while self.index < self.bytes.count {
            switch self.byte() {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: self.index += 1
            case 0x2F where self.byte(1) == 0x2F:
                while self.index < self.bytes.count, self.byte() != 0x0A { self.index += 1 }
            default: return
            }
        }
    }

    private mutating func quotedIdentifier() throws(SyntaxError) -> Token {
        let start = self.index
        self.index += 1
        while Self.isLetter(self.byte()) || Self.isDigit(self.byte())
            || [0x2E, 0x2D, 0x2F, 0x20].contains(self.byte())
        {
            self.index += 1
        }
        guard self.byte() == 0x60, self.index > start + 1 else {
            throw SyntaxError(
                "a name between backticks has letters, digits, '_', '.', '-', '/', ' '", at: start)
        }
        self.index += 1
        let name = String(decoding: self.bytes[start + 1..<self.index - 1], as: UTF8.self)
        return Token(kind: .quotedIdentifier, text: name, offset: start)
    }

    // MARK: Numbers

    private mutating func number() throws(SyntaxError) -> Token {
        let start = self.index
        if self.byte() == 0x30, self.byte(1) | 0x20 == 0x78, Self.isHexadecimal(self.byte(2)) {
            self.index += 2
            while Self.isHexadecimal(self.byte()) { self.index += 1 }
            return try self.integer(from: start)
        }
        self.skipDigits()
        var isDouble = false
        if self.byte() == 0x2E, Self.isDigit(self.byte(1)) {
            isDouble = true
            self.index += 1
            self.skipDigits()
        }
        if self.byte() | 0x20 == 0x65 {
            let sign = self.byte(1) == 0x2B || self.byte(1) == 0x2D ? 1 : 0
            if Self.isDigit(self.byte(1 + sign)) {
                isDouble = true
                self.index += 1 + sign
                self.skipDigits()
            }
        }
        if !isDouble { return try self.integer(from: start) }
        try self.expectNumberEnds(start)
        return Token(kind: .double, text: self.spelling(from: start), offset: start)
    }

    private mutating func integer(from start: Int) throws(SyntaxError) -> Token {
        let text = self.spelling(from: start)
        var kind = Token.Kind.int
        if self.byte() | 0x20 == 0x75 {
            kind = .uint
            self.index += 1
        }
        try self.expectNumberEnds(start)
        return Token(kind: kind, text: text, offset: start)
    }

    private func expectNumberEnds(_ start: Int) throws(SyntaxError) {
        guard Self.isLetter(self.byte()) || Self.isDigit(self.byte()) else { return }
        let text = String(decoding: self.bytes[start...self.index], as: UTF8.self)
        throw SyntaxError("'\(text)' is no number", at: start)
    }

    private mutating func skipDigits() {
        while Self.isDigit(self.byte()) { self.index += 1 }
    }

    func spelling(from start: Int) -> String {
        String(decoding: self.bytes[start..<self.index], as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }
    static func isHexadecimal(_ byte: UInt8) -> Bool { Self.isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
}
