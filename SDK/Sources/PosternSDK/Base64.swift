/// Base64 (RFC 4648): strict, so that one value has one spelling.
public enum Base64 {
    /// Which characters stand for 62 and 63.
    public enum Alphabet: Sendable {
        /// `+` and `/`, padded with `=` (section 4).
        case standard
        /// `-` and `_`, without padding, as tokens have it (section 5; RFC 7515, 2).
        case url
    }

    /// The bytes that `text` stands for.
    ///
    /// - Returns: nil for other characters, missing or superfluous padding, or bits that are set behind the
    ///   last byte.
    public static func decode(_ text: Span<UInt8>, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        var count = text.count
        if alphabet == .standard {
            guard count % 4 == 0 else { return nil }
            var padding = 0
            while padding < 2, count > 0, text[count - 1] == 0x3D {
                count -= 1
                padding += 1
            }
        }
        if count % 4 == 1 { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var held = 0
        for index in 0..<count {
            guard let value = Self.value(of: text[index], alphabet) else { return nil }
            bits = bits << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
                bits &= (1 << UInt32(held)) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    /// The text that stands for `bytes`.
    public static func encode(_ bytes: Span<UInt8>, _ alphabet: Alphabet = .standard) -> String {
        let digits: StaticString =
            alphabet == .url
            ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        digits.withUTF8Buffer { digits in
            var bits: UInt32 = 0
            var held = 0
            for index in bytes.indices {
                bits = bits << 8 | UInt32(bytes[index])
                held += 8
                while held >= 6 {
                    held -= 6
                    text.append(digits[Int(bits >> UInt32(held) & 63)])
                }
                bits &= (1 << UInt32(held)) - 1
            }
            if held > 0 { text.append(digits[Int(bits << UInt32(6 - held) & 63)]) }
        }
        while alphabet == .standard, text.count % 4 != 0 { text.append(0x3D) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(of byte: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2B where alphabet == .standard: 62
        case 0x2F where alphabet == .standard: 63
        case 0x2D where alphabet == .url: 62
        case 0x5F where alphabet == .url: 63
        default: nil
        }
    }
}
