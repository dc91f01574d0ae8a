internal import Primitives

/// Reading of addresses and ranges of addresses.
enum AddressText {
    /// An address without a zone; an IPv4 address within IPv6 only when it is written as an IPv6 address.
    static func address(_ text: ByteView) -> IPAddress? {
        guard text.firstIndex(of: 0x25) == nil else { return nil }
        if text.firstIndex(of: 0x3A) != nil, text.firstIndex(of: 0x2E) != nil { return nil }
        return IPAddress(text)
    }

    /// An address, a slash and how many of its bits count.
    static func range(_ text: ByteView) -> (base: IPAddress, bits: Int)? {
        guard let slash = text.firstIndex(of: 0x2F), let base = Self.address(text[0..<slash]) else {
            return nil
        }
        let digits = text.dropFirst(slash + 1)
        guard (1...3).contains(digits.count), digits.count == 1 || digits[0] != 0x30,
            let bits = digits.decimal(),
            bits <= (base.isIPv6 ? 128 : 32)
        else { return nil }
        return (base, Int(bits))
    }

    /// The address with only its first bits.
    static func masked(_ address: IPAddress, bits: Int) -> IPAddress {
        if !address.isIPv6 {
            let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
            return IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low) & mask)
        }
        let high = bits >= 64 ? UInt64.max : bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
        let low = bits <= 64 ? 0 : UInt64.max << UInt64(128 - bits)
        return IPAddress(high: address.high & high, low: address.low & low)
    }
}
