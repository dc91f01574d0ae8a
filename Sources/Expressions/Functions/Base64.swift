internal import Primitives

/// Base64 (RFC 4648, section 4).
enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// Appends the text, padded.
    static func encode(_ bytes: ByteView, to buffer: ByteBuffer) {
        let alphabet = ByteView(Self.alphabet)
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            let one = UInt32(bytes[index]) << 16
            let two = rest > 1 ? UInt32(bytes[index + 1]) << 8 : 0
            let word = one | two | (rest > 2 ? UInt32(bytes[index + 2]) : 0)
            buffer.append(alphabet[Int(word >> 18)])
            buffer.append(alphabet[Int(word >> 12 & 63)])
            buffer.append(rest > 1 ? alphabet[Int(word >> 6 & 63)] : 0x3D)
            buffer.append(rest > 2 ? alphabet[Int(word & 63)] : 0x3D)
            index += 3
        }
    }

    /// Appends the bytes; padding may be left out.
    ///
    /// - Returns: Whether the text is one.
    static func decode(_ text: ByteView, to buffer: ByteBuffer) -> Bool {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == 0x3D { end -= 1 }
        guard end % 4 != 1, end == text.count || text.count % 4 == 0 else { return false }
        var word: UInt32 = 0
        var bits = 0
        for index in 0..<end {
            guard let value = Self.value(text[index]) else { return false }
            word = word << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                buffer.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return true
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte - 0x41)
        case 0x61...0x7A: UInt32(byte - 0x61) + 26
        case 0x30...0x39: UInt32(byte - 0x30) + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
