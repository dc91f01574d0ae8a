internal import Primitives

/// Searches sixteen or eight bytes at a time.
enum ByteScan {
    /// The index of the first lane that is set; 16 when none is.
    @inline(__always)
    private static func first(_ mask: SIMDMask<SIMD16<Int8>>) -> Int {
        // SAFETY: both are 16 bytes without any invariant; a set lane is 0xFF, another 0.
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        if words[0] | words[1] == 0 { return 16 }
        return words[0] != 0
            ? words[0].trailingZeroBitCount &>> 3 : 8 &+ (words[1].trailingZeroBitCount &>> 3)
    }

    /// The index of the first ":" at or after `start`; the count when there is none.
    @inline(__always)
    static func colon(_ bytes: ByteView, from start: Int) -> Int {
        var at = start
        if at &+ 16 <= bytes.count {
            let found = Self.first(bytes.vector(at: at) .== SIMD16(repeating: ASCII.colon))
            if found < 16 { return at &+ found }
            at &+= 16
        }
        while at &+ 8 <= bytes.count {
            let found = ByteWord.equal(bytes.word(at: at), ASCII.colon)
            if found != 0 { return at &+ ByteWord.first(found) }
            at &+= 8
        }
        while at < bytes.count, bytes[at] != ASCII.colon { at &+= 1 }
        return at
    }

    /// The index of the first control character other than tab at or after `start`; the count when there is
    /// none.
    @inline(__always)
    static func control(_ bytes: ByteView, from start: Int) -> Int {
        var at = start
        while at &+ 16 <= bytes.count {
            let vector = bytes.vector(at: at)
            let found = Self.first(
                (vector .< SIMD16(repeating: 0x20)) .| (vector .== SIMD16(repeating: 0x7F)))
            at &+= found
            if found == 16 { continue }
            if bytes[at] != ASCII.tab { return at }
            at &+= 1
        }
        while at &+ 8 <= bytes.count {
            let found = ByteWord.controls(bytes.word(at: at))
            if found == 0 {
                at &+= 8
                continue
            }
            at &+= ByteWord.first(found)
            if bytes[at] != ASCII.tab { return at }
            at &+= 1
        }
        while at < bytes.count {
            let byte = bytes[at]
            if (byte < 0x20 && byte != ASCII.tab) || byte == 0x7F { return at }
            at &+= 1
        }
        return at
    }

    /// The index of the first byte that cannot stand in a request target: a control, a space or "#".
    @inline(__always)
    static func targetEnd(_ bytes: ByteView, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = bytes.word(at: at)
            let found =
                ByteWord.controls(word) | ByteWord.equal(word, 0x20) | ByteWord.equal(word, ASCII.hash)
            if found != 0 { return at &+ ByteWord.first(found) }
            at &+= 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte <= 0x20 || byte == 0x7F || byte == ASCII.hash { return at }
            at &+= 1
        }
        return at
    }
}
