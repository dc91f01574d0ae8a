// Values that cannot end their quotes or their line, whatever clients send.

extension LineBuffer {
    /// Appends text as a JSON string with its quotes (RFC 8259); malformed UTF-8 becomes U+FFFD, byte by
    /// byte.
    public func append(jsonString bytes: Span<UInt8>) {
        self.append(0x22)
        bytes.withUnsafeBufferPointer { self.appendEscaped($0, Self.appendJSONEscape) }
        self.append(0x22)
    }

    /// Appends text for a line of text: quotes and backslashes get a backslash, control characters and
    /// malformed UTF-8 become `\xHH`.
    public func append(escaped bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { self.appendEscaped($0, Self.appendTextEscape) }
    }

    /// Appends text as it is, but for control characters and malformed UTF-8, which become `\xHH`.
    public func append(printable bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer {
            self.appendEscaped($0) { buffer, bytes, index in
                let byte = bytes[index]
                if byte == 0x22 || byte == 0x5C {
                    buffer.append(byte)
                    return 1
                }
                return Self.appendTextEscape(buffer, bytes, index)
            }
        }
    }

    /// - Parameter escape: Writes what stands for the byte, or the line separator, at an index; says how many
    ///   bytes those were.
    @inline(__always)
    private func appendEscaped(
        _ bytes: UnsafeBufferPointer<UInt8>, _ escape: (LineBuffer, UnsafeBufferPointer<UInt8>, Int) -> Int
    ) {
        guard let base = bytes.baseAddress else { return }
        var plain = 0
        var index = 0
        while index < bytes.count {
            if index + 8 <= bytes.count {
                // SAFETY: eight bytes of the buffer begin at `index`; loadUnaligned asks for no alignment.
                let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
                if Self.isPlain(word) {
                    index += 8
                    continue
                }
            } else if index < bytes.count, bytes.count >= 8 {
                // SAFETY: as above; some of these bytes were looked at before.
                let word = UnsafeRawPointer(base + bytes.count - 8).loadUnaligned(as: UInt64.self)
                if Self.isPlain(word) {
                    index = bytes.count
                    continue
                }
            }
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C {
                index += 1
                continue
            }
            if byte >= 0x80, let count = Self.sequence(bytes, index), !Self.breaksLines(bytes, index) {
                index += count
                continue
            }
            self.append(base + plain, index - plain)
            index += escape(self, bytes, index)
            plain = index
        }
        self.append(base + plain, index - plain)
    }

    /// Whether eight bytes are all printable ASCII but for quote, backslash and DEL.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        let below = (word &- ones &* 0x20) | quote | backslash | word
        return (below | (word &+ ones)) & (ones &* 0x80) == 0
    }

    private static func appendJSONEscape(
        _ buffer: LineBuffer, _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int
    ) -> Int {
        switch bytes[index] {
        case 0x22: buffer.append("\\\"")
        case 0x5C: buffer.append("\\\\")
        case 0x0A: buffer.append("\\n")
        case 0x0D: buffer.append("\\r")
        case 0x09: buffer.append("\\t")
        case 0..<0x80:
            buffer.append("\\u00")
            buffer.append(hexadecimal: bytes[index])
        default:
            guard let count = self.sequence(bytes, index) else {
                buffer.append("\u{FFFD}")
                return 1
            }
            if count == 3 {
                buffer.append(bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            } else {
                buffer.append("\\u00")
                buffer.append(hexadecimal: bytes[index + 1])
            }
            return count
        }
        return 1
    }

    private static func appendTextEscape(
        _ buffer: LineBuffer, _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int
    ) -> Int {
        let byte = bytes[index]
        if byte == 0x22 || byte == 0x5C {
            buffer.append(0x5C)
            buffer.append(byte)
        } else {
            buffer.append("\\x")
            buffer.append(hexadecimal: byte)
        }
        return 1
    }

    private func append(hexadecimal byte: UInt8) {
        for digit in [byte >> 4, byte & 15] { self.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    }

    /// Bytes of the well-formed character (Unicode, table 3-7) at `index`; nil when there is none.
    private static func sequence(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        let first = bytes[index]
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: count = 2
        case 0xE0...0xEF:
            count = 3
            if first == 0xE0 { second = 0xA0...0xBF } else if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            count = 4
            if first == 0xF0 { second = 0x90...0xBF } else if first == 0xF4 { second = 0x80...0x8F }
        default: return nil
        }
        guard index + count <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        for place in index + 2..<index + count where bytes[place] & 0xC0 != 0x80 { return nil }
        return count
    }

    /// U+0080...U+009F, among them the line break U+0085, and U+2028 and U+2029; of a well-formed character.
    private static func breaksLines(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        if bytes[index] == 0xC2 { return bytes[index + 1] < 0xA0 }
        return bytes[index] == 0xE2 && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8
    }
}
