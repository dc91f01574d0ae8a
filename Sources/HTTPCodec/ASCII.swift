/// Bytes with a meaning in HTTP/1.1.
enum ASCII {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var hash: UInt8 { 0x23 }
    static var percent: UInt8 { 0x25 }
    static var comma: UInt8 { 0x2C }
    static var dot: UInt8 { 0x2E }
    static var slash: UInt8 { 0x2F }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }
    static var questionMark: UInt8 { 0x3F }
    static var backslash: UInt8 { 0x5C }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == Self.space || byte == Self.tab }

    /// The value of a hexadecimal digit; nil for any other byte.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        let digit = byte &- 0x30
        if digit <= 9 { return digit }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}
