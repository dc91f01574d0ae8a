/// Addresses that have their first bits in common: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct IPRange: Sendable, Hashable, CustomStringConvertible {
    public let base: IPAddress
    /// How many bits are in common: 0...32 or 0...128.
    public let bits: Int

    /// Reads an address, alone or with `/` and the number of bits.
    ///
    /// - Returns: nil for everything else, a base with bits beyond the prefix included: it is a mistake.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = String(parts[0]).withByteView({ IPAddress($0) }) else { return nil }
        let most = base.isIPv6 ? 128 : 32
        var bits = most
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }),
                let given = Int(parts[1]), given <= most
            else { return nil }
            bits = given
        }
        self.base = base
        self.bits = bits
        if Self.trimmed(base, bits) != base { return nil }
    }

    /// Whether `address` is one of them; an IPv4 address mapped into IPv6 counts as IPv4.
    @inlinable
    public func contains(_ address: IPAddress) -> Bool {
        address.hasPrefix(self.base, bits: self.bits)
            || address.unmapped.hasPrefix(self.base, bits: self.bits)
    }

    private static func trimmed(_ address: IPAddress, _ bits: Int) -> IPAddress {
        guard address.isIPv6 else {
            let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
            return IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low) & mask)
        }
        let high = bits >= 64 ? UInt64.max : bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
        let low = bits <= 64 ? 0 : UInt64.max << UInt64(128 - bits)
        return IPAddress(high: address.high & high, low: address.low & low)
    }

    public var description: String {
        self.bits == (self.base.isIPv6 ? 128 : 32) ? self.base.text : "\(self.base.text)/\(self.bits)"
    }
}
