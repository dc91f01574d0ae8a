/// Tests on eight bytes at once, held in one 64-bit word in memory order.
///
/// Masks have bit 7 set in each byte that matches and no other bit; all are exact, so the trailing zero count
/// gives the first match.
public enum ByteWord {
    @inlinable public static var highBits: UInt64 { 0x8080_8080_8080_8080 }
    @inlinable public static var lowSeven: UInt64 { 0x7F7F_7F7F_7F7F_7F7F }

    /// `byte` in all eight places.
    @inlinable
    public static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// Which bytes equal `byte`, which must be below 0x80.
    @inlinable
    public static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = (word & Self.lowSeven) ^ Self.repeating(byte)
        return ~(difference &+ Self.lowSeven) & ~word & Self.highBits
    }

    /// Which bytes are ASCII and below `bound`, which must be at most 0x80.
    @inlinable
    public static func below(_ word: UInt64, _ bound: UInt8) -> UInt64 {
        ~((word & Self.lowSeven) &+ Self.repeating(0x80 &- bound)) & ~word & Self.highBits
    }

    /// Which bytes are ASCII control characters, tab included: 0x00-0x1F and 0x7F.
    @inlinable
    public static func controls(_ word: UInt64) -> UInt64 {
        let seven = word & Self.lowSeven
        return (~(seven &+ Self.repeating(0x60)) | (seven &+ Self.repeating(1))) & ~word & Self.highBits
    }

    /// Which bytes are neither an ASCII letter or digit nor "-" or ".": 0 for most names and hosts.
    @inlinable
    public static func notSimple(_ word: UInt64) -> UInt64 {
        let seven = word & Self.lowSeven
        let lower = seven | Self.repeating(0x20)
        let letter = (lower &+ Self.repeating(0x1F)) & ~(lower &+ Self.repeating(0x05))
        let dashToNine = (seven &+ Self.repeating(0x53)) & ~(seven &+ Self.repeating(0x46))
        let notSlash = (seven ^ Self.repeating(0x2F)) &+ Self.lowSeven
        return ~((letter | dashToNine & notSlash) & ~word) & Self.highBits
    }

    /// The word with its ASCII capitals in lower case.
    @inlinable
    public static func lowercase(_ word: UInt64) -> UInt64 {
        let seven = word & Self.lowSeven
        let fromA = seven &+ Self.repeating(0x3F)
        let aboveZ = seven &+ Self.repeating(0x25)
        return word | (fromA & ~aboveZ & ~word & Self.highBits) >> 2
    }

    /// The index of the first byte that a mask, not 0, has.
    @inlinable
    public static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }
}
