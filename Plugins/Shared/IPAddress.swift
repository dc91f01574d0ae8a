/// An IPv6 address, or an IPv4 address as the IPv6 address that stands for it (`::ffff:a.b.c.d`, RFC 4291).
public struct IPAddress: Sendable, Hashable, Comparable {
    /// In host order.
    public var bits: UInt128

    static let mappedPrefix: UInt128 = 0xFFFF << 32

    /// By number.
    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }

    /// Reads an address; a port behind it, brackets around it and a zone (`%eth0`) are let go, because
    /// proxies write them into `x-forwarded-for`.
    ///
    /// - Returns: nil when malformed.
    public init?(_ text: Span<UInt8>) {
        if text.count >= 2, text[0] == 0x5B {
            let end = text.firstIndex(of: 0x5D)
            guard end < text.count, Self.isPort(text.extracting((end + 1)..<text.count)) else { return nil }
            guard let bits = Self.version6(text.extracting(1..<end)) else { return nil }
            self.bits = bits
            return
        }
        let colon = text.firstIndex(of: 0x3A)
        if colon == text.count || text.firstIndex(of: 0x3A, from: colon + 1) == text.count {
            guard Self.isPort(text.extracting(colon..<text.count)),
                let bits = Self.version4(text.extracting(0..<colon))
            else { return nil }
            self.bits = Self.mappedPrefix | UInt128(bits)
            return
        }
        guard let bits = Self.version6(text) else { return nil }
        self.bits = bits
    }

    /// An address of 4 or 16 bytes in network order.
    ///
    /// - Returns: nil for any other number of bytes.
    public init?(networkOrder bytes: Span<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var bits: UInt128 = 0
        for index in bytes.indices { bits = bits << 8 | UInt128(bytes[index]) }
        self.bits = bytes.count == 4 ? Self.mappedPrefix | bits : bits
    }

    /// Nothing, or a colon and a port.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        if text.isEmpty { return true }
        guard text[0] == 0x3A, (2...6).contains(text.count) else { return false }
        return text.extracting(1..<text.count).decimal != nil
    }

    /// Four decimal numbers without superfluous zeros: `010` is 8 for some and 10 for others.
    private static func version4(_ text: Span<UInt8>) -> UInt32? {
        var bits: UInt32 = 0
        var start = 0
        for part in 0..<4 {
            let end = part == 3 ? text.count : text.firstIndex(of: 0x2E, from: start)
            guard end > start, end - start <= 3, end <= text.count, part == 3 || end < text.count,
                let number = text.extracting(start..<end).decimal, number <= 255,
                end - start == 1 || text[start] != 0x30
            else { return nil }
            bits = bits << 8 | UInt32(number)
            start = end + 1
        }
        return bits
    }

    private static func version6(_ whole: Span<UInt8>) -> UInt128? {
        let text = whole.extracting(0..<whole.firstIndex(of: 0x25))
        if text.isEmpty { return nil }
        var (bits, groups): (UInt128, Int) = (0, 0)
        /// Groups before `::`; -1 without one.
        var gap = -1
        var index = 0
        if text.count >= 2, text[0] == 0x3A {
            guard text[1] == 0x3A else { return nil }
            gap = 0
            index = 2
        }
        while index < text.count {
            let end = text.firstIndex(of: 0x3A, from: index)
            if end == text.count, text.firstIndex(of: 0x2E, from: index) < text.count {
                guard groups <= 6, let last = Self.version4(text.extracting(index..<end)) else { return nil }
                bits = bits << 32 | UInt128(last)
                groups += 2
                index = end
                break
            }
            guard groups < 8, (1...4).contains(end - index),
                let group = Self.hexadecimal(text.extracting(index..<end))
            else { return nil }
            bits = bits << 16 | UInt128(group)
            groups += 1
            index = end
            guard index < text.count else { break }
            index += 1
            if index == text.count { return nil }
            if text[index] == 0x3A {
                guard gap < 0 else { return nil }
                gap = groups
                index += 1
            }
        }
        if gap < 0 { return groups == 8 ? bits : nil }
        guard groups < 8 else { return nil }
        // The groups behind the gap stay where they are; those before it go to the left end.
        let behind = UInt128(groups - gap) * 16
        let low = behind == 0 ? 0 : bits & ((1 << behind) - 1)
        let high = bits >> behind
        return gap == 0 ? low : high << UInt128((8 - gap) * 16) | low
    }

    private static func hexadecimal(_ text: Span<UInt8>) -> UInt16? {
        var number: UInt16 = 0
        for index in text.indices {
            switch text[index] {
            case 0x30...0x39: number = number << 4 | UInt16(text[index] - 0x30)
            case 0x41...0x46, 0x61...0x66: number = number << 4 | UInt16((text[index] | 0x20) - 0x57)
            default: return nil
            }
        }
        return number
    }
}
