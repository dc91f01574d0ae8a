internal import Primitives

/// Hashes of host names and of paths segment by segment, eight bytes at a step.
///
/// They only find the place in a table: every hit is confirmed by comparing bytes, so a collision costs time,
/// bounded by the table, and never a wrong answer.
enum TextHash {
    private static var multiplier: UInt64 { 0x9FB2_1C65_1E98_DF25 }

    /// Folds the 128 bits of the product, so that every bit of `word` reaches every bit of the result.
    @inline(__always)
    static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: Self.multiplier)
        return product.high ^ product.low &+ hash
    }

    /// Up to eight bytes at `offset`, in memory order, and zeros behind the end.
    @inline(__always)
    static func word(_ bytes: ByteView, at offset: Int) -> UInt64 {
        let rest = bytes.count - offset
        if rest >= 8 { return bytes.word(at: offset) }
        if rest <= 0 { return 0 }
        if bytes.count >= 8 { return bytes.word(at: bytes.count - 8) >> UInt64(8 * (8 - rest)) }
        var word: UInt64 = 0
        var index = bytes.count
        while index > offset {
            index -= 1
            word = word << 8 | UInt64(bytes[index])
        }
        return word
    }

    /// The word with ASCII letters in lower case.
    @inline(__always)
    static func lowercase(_ word: UInt64) -> UInt64 {
        let low7 = word & 0x7F7F_7F7F_7F7F_7F7F
        let isAboveZ = low7 &+ 0x2525_2525_2525_2525
        let isFromA = low7 &+ 0x3F3F_3F3F_3F3F_3F3F
        let isLetter = (isFromA ^ isAboveZ) & ~word & 0x8080_8080_8080_8080
        return word | isLetter >> 2
    }

    /// Of a host name in any case.
    static func host(_ name: ByteView) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: name.count)
        var offset = 0
        while offset + 8 <= name.count {
            hash = Self.mix(hash, Self.lowercase(name.word(at: offset)))
            offset += 8
        }
        return offset < name.count ? Self.mix(hash, Self.lowercase(Self.word(name, at: offset))) : hash
    }

    /// Whether `name` in lower case is `lowercased`, which has the same length.
    @inline(__always)
    static func isHost(_ name: ByteView, _ lowercased: ByteView) -> Bool {
        var offset = 0
        while offset + 8 <= name.count {
            if Self.lowercase(name.word(at: offset)) != lowercased.word(at: offset) { return false }
            offset += 8
        }
        return Self.lowercase(Self.word(name, at: offset)) == Self.word(lowercased, at: offset)
    }

    /// Takes one more byte, from the end of a name to its beginning, so that the hashes of all its ends come
    /// in one pass.
    static func suffix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(asciiLowercase(byte))) &* 0x0000_0100_0000_01B3
    }

    /// Where the hash of a name's ends begins.
    static var suffixSeed: UInt64 { 0xCBF2_9CE4_8422_2325 }

    /// Whether byte *n* of the word is `byte`: bit 8*n* + 7 of the result is set for the first such *n*.
    ///
    /// Higher bits may be set for other bytes; only the lowest counts.
    @inline(__always)
    static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }
}
