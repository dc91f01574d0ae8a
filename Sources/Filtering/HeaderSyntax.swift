public import Primitives

/// What may stand in a field (RFC 9110, 5.1, 5.5 and 5.6.2).
public enum HeaderSyntax {
    /// A token: at least one character, none a delimiter or outside visible ASCII; at most 65,535 bytes.
    public static func isName(_ bytes: ByteView) -> Bool {
        guard !bytes.isEmpty, bytes.count <= Int(UInt16.max) else { return false }
        if Self.isSimple(bytes) { return true }
        for index in 0..<bytes.count where !Self.isTokenByte(bytes[index]) { return false }
        return true
    }

    /// Any bytes but control characters other than tab; 0x80-0xFF are allowed (obs-text).
    public static func isValue(_ bytes: ByteView) -> Bool {
        var index = 0
        while index &+ 8 <= bytes.count {
            let controls = ByteWord.controls(bytes.word(at: index))
            if controls == 0 {
                index &+= 8
            } else {
                index &+= ByteWord.first(controls)
                if bytes[index] != 0x09 { return false }
                index &+= 1
            }
        }
        while index < bytes.count {
            if Self.isForbiddenInValue(bytes[index]) { return false }
            index &+= 1
        }
        return true
    }

    /// Whether all bytes are ASCII letters, digits, "-" or ".", as in nearly every name and host.
    static func isSimple(_ bytes: ByteView) -> Bool {
        guard bytes.count >= 8 else {
            for index in 0..<bytes.count {
                let byte = bytes[index]
                if (byte | 0x20) &- 0x61 >= 26, byte &- 0x30 > 9, byte &- 0x2D > 1 { return false }
            }
            return true
        }
        var index = 0
        while index &+ 8 <= bytes.count {
            if ByteWord.notSimple(bytes.word(at: index)) != 0 { return false }
            index &+= 8
        }
        return ByteWord.notSimple(bytes.word(at: bytes.count &- 8)) == 0
    }

    /// A request target in origin form: begins with "/" (or is "*") and holds no space, control character or
    /// "#".
    public static func isPath(_ bytes: ByteView) -> Bool {
        guard !bytes.isEmpty, bytes[0] == 0x2F || bytes == "*" else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte <= 0x20 || byte == 0x7F || byte == 0x23 { return false }
        }
        return true
    }

    /// A host with an optional port: no user information, path, space or control character (RFC 3986, 3.2).
    ///
    /// A name, an IPv4 address or an IPv6 address in brackets; the port is at most five digits and may be
    /// empty.
    public static func isAuthority(_ bytes: ByteView) -> Bool {
        var end = bytes.count
        var digits = end
        while digits > 0, bytes[digits &- 1] &- 0x30 <= 9 { digits &-= 1 }
        if digits > 0, bytes[digits &- 1] == 0x3A {
            if end &- digits > 5 { return false }
            end = digits &- 1
        }
        guard end > 0 else { return false }
        if bytes[0] == 0x5B { return Self.isBracketed(bytes[0..<end]) }
        return Self.isSimple(bytes[0..<end]) || Self.isRegisteredName(bytes[0..<end])
    }

    private static func isBracketed(_ bytes: ByteView) -> Bool {
        guard bytes.count >= 4, bytes[bytes.count - 1] == 0x5D else { return false }
        for index in 1..<bytes.count - 1 {
            let byte = bytes[index]
            let isHex = byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 6
            if !isHex, byte != 0x3A, byte != 0x2E { return false }
        }
        return true
    }

    /// RFC 3986's reg-name, without "," because some services take it for two Host fields in one.
    private static func isRegisteredName(_ bytes: ByteView) -> Bool {
        for index in 0..<bytes.count {
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
            case 0x21, 0x24...0x2B, 0x2D, 0x2E, 0x3B, 0x3D, 0x5F, 0x7E: continue
            default: return false
            }
        }
        return true
    }

    // Bit n is set when the ASCII character n is a tchar: two words in registers instead of a table in
    // memory.
    @usableFromInline static var tokenLow: UInt64 { 0x03FF_6CFA_0000_0000 }
    @usableFromInline static var tokenHigh: UInt64 { 0x57FF_FFFF_C7FF_FFFE }

    @inlinable
    public static func isTokenByte(_ byte: UInt8) -> Bool {
        if byte >= 128 { return false }
        let word = byte < 64 ? Self.tokenLow : Self.tokenHigh
        return word >> UInt64(byte & 63) & 1 != 0
    }

    @inlinable
    public static func isForbiddenInValue(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09) || byte == 0x7F
    }
}
