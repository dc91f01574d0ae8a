extension Lexer {
    /// A string or bytes literal, when one begins here.
    mutating func textLiteral() throws(SyntaxError) -> Token? {
        let start = self.index
        var prefix = 0
        let isBytes = self.byte() | 0x20 == 0x62
        if isBytes { prefix += 1 }
        let isRaw = self.byte(prefix) | 0x20 == 0x72
        if isRaw { prefix += 1 }
        let quote = self.byte(prefix)
        guard quote == 0x22 || quote == 0x27 else { return nil }
        let isTriple = self.byte(prefix + 1) == quote && self.byte(prefix + 2) == quote
        self.index += prefix + (isTriple ? 3 : 1)
        var content: [UInt8] = []
        while true {
            guard self.index < self.bytes.count else { throw SyntaxError("the text has no end", at: start) }
            let byte = self.byte()
            if byte == quote {
                if !isTriple {
                    self.index += 1
                    break
                }
                if self.byte(1) == quote, self.byte(2) == quote {
                    self.index += 3
                    break
                }
            }
            if !isTriple, byte == 0x0A || byte == 0x0D {
                throw SyntaxError("the text has no end in its line; write \\n, or three quotes", at: start)
            }
            if byte == 0x5C, !isRaw {
                try self.escape(isBytes: isBytes, into: &content)
            } else {
                content.append(byte)
                self.index += 1
            }
        }
        return Token(
            kind: isBytes ? .bytes : .string, text: self.spelling(from: start), content: content,
            offset: start
        )
    }

    private mutating func escape(isBytes: Bool, into content: inout [UInt8]) throws(SyntaxError) {
        let start = self.index
        let letter = self.byte(1)
        self.index += 2
        switch letter {
        case 0x5C, 0x3F, 0x22, 0x27, 0x60: content.append(letter)
        case 0x61: content.append(0x07)
        case 0x62: content.append(0x08)
        case 0x66: content.append(0x0C)
        case 0x6E: content.append(0x0A)
        case 0x72: content.append(0x0D)
        case 0x74: content.append(0x09)
        case 0x76: content.append(0x0B)
        case 0x78, 0x58:
            try self.append(self.digits(2, radix: 16, start), isOctet: isBytes, start, into: &content)
        case 0x75 where !isBytes:
            try self.append(self.digits(4, radix: 16, start), isOctet: false, start, into: &content)
        case 0x55 where !isBytes:
            try self.append(self.digits(8, radix: 16, start), isOctet: false, start, into: &content)
        case 0x30...0x33:
            self.index -= 1
            try self.append(self.digits(3, radix: 8, start), isOctet: isBytes, start, into: &content)
        default: throw SyntaxError("unknown escape in a text", at: start)
        }
    }

    private mutating func digits(_ count: Int, radix: Int, _ start: Int) throws(SyntaxError) -> UInt32 {
        guard self.index + count <= self.bytes.count,
            self.bytes[self.index..<self.index + count].allSatisfy(Self.isHexadecimal),
            let code = UInt32(
                String(decoding: self.bytes[self.index..<self.index + count], as: UTF8.self), radix: radix)
        else { throw SyntaxError("the escape needs \(count) digits to the base of \(radix)", at: start) }
        self.index += count
        return code
    }

    private func append(
        _ code: UInt32, isOctet: Bool, _ start: Int, into content: inout [UInt8]
    ) throws(SyntaxError) {
        if isOctet {
            content.append(UInt8(truncatingIfNeeded: code))
        } else if let scalar = Unicode.Scalar(code) {
            content += Array(String(Character(scalar)).utf8)
        } else {
            throw SyntaxError("the escape is no Unicode character", at: start)
        }
    }
}
