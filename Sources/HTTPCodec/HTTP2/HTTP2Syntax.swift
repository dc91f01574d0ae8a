internal import Filtering
internal import Primitives

/// What may stand in a field of HTTP/2, where that is narrower than in ``HeaderSyntax`` (RFC 9113, 8.2.1).
enum HTTP2Syntax {
    /// A token without capitals.
    ///
    /// - Parameter isKnown: It has a ``HeaderID``, so that only capitals are to be looked for.
    @inline(__always)
    static func isName(_ name: ByteView, isKnown: Bool) -> Bool {
        if Self.hasCapitals(name) { return false }
        return isKnown || HeaderSyntax.isName(name)
    }

    @inline(__always)
    static func hasCapitals(_ name: ByteView) -> Bool {
        let count = name.count
        if count >= 8 {
            var at = 0
            let last = count &- 8
            var capitals = name.word(at: last) ^ ByteWord.lowercase(name.word(at: last))
            while at < last {
                capitals |= name.word(at: at) ^ ByteWord.lowercase(name.word(at: at))
                at &+= 8
            }
            return capitals != 0
        }
        for index in 0..<count where name[index] &- 0x41 < 26 { return true }
        return false
    }

    /// No control character, and no blank at either end.
    @inline(__always)
    static func isValue(_ value: ByteView) -> Bool {
        guard value.count > 0 else { return true }
        if ASCII.isBlank(value[0]) || ASCII.isBlank(value[value.count &- 1]) { return false }
        return ByteScan.control(value, from: 0) == value.count
    }

    /// RFC 3986, 3.1.
    static func isScheme(_ value: ByteView) -> Bool {
        guard !value.isEmpty, (value[0] | 0x20) &- 0x61 < 26 else { return false }
        for index in 0..<value.count {
            let byte = value[index]
            let isPlain = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 <= 9
            if !isPlain, byte != 0x2B, byte != 0x2D, byte != 0x2E { return false }
        }
        return true
    }
}
