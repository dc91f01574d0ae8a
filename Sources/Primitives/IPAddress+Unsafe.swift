internal import Glibc

/// An IPv4 or IPv6 address; a trivial value.
public struct IPAddress: Sendable, Hashable {
    /// The first eight bytes of an IPv6 address as a number; 0 for IPv4.
    public let high: UInt64
    /// The last eight bytes of an IPv6 address as a number, or an IPv4 address in the lower half.
    public let low: UInt64
    public let isIPv6: Bool

    /// - Parameter ipv4: As a number: 127.0.0.1 is 0x7F000001.
    @inlinable
    public init(ipv4: UInt32) {
        self.high = 0
        self.low = UInt64(ipv4)
        self.isIPv6 = false
    }

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        self.isIPv6 = true
    }

    /// Reads dotted decimal or RFC 4291's forms, without brackets, zone or port.
    ///
    /// - Returns: nil for everything else.
    public init?(_ text: ByteView) {
        guard (2...45).contains(text.count) else { return nil }
        // SAFETY: 45 bytes and the NUL fit; inet_pton writes 4 or 16 bytes into memory of 16.
        let parsed = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { memory -> IPAddress? in
            guard let start = memory.baseAddress else { return nil }
            memcpy(start, text.base, text.count)
            start.storeBytes(of: 0, toByteOffset: text.count, as: UInt8.self)
            let characters = start.assumingMemoryBound(to: CChar.self)
            let address = start + 48
            if inet_pton(AF_INET, characters, address) == 1 {
                return IPAddress(ipv4: UInt32(bigEndian: address.load(as: UInt32.self)))
            }
            guard inet_pton(AF_INET6, characters, address) == 1 else { return nil }
            return IPAddress(
                high: UInt64(bigEndian: address.load(as: UInt64.self)),
                low: UInt64(bigEndian: address.load(fromByteOffset: 8, as: UInt64.self))
            )
        }
        // A NUL within would end the text early.
        guard let parsed, text.firstIndex(of: 0) == nil else { return nil }
        self = parsed
    }

    /// Appends `127.0.0.1` or RFC 5952's spelling of an IPv6 address; allocates nothing.
    public func write(to buffer: ByteBuffer) {
        guard self.isIPv6 else {
            for shift: UInt64 in [24, 16, 8, 0] {
                buffer.appendDecimal(self.low >> shift & 0xFF)
                if shift > 0 { buffer.append(0x2E) }
            }
            return
        }
        buffer.reserve(48)
        var address = (self.high.bigEndian, self.low.bigEndian)
        let end = buffer.base + buffer.writeIndex
        // SAFETY: 48 bytes are free; inet_ntop writes at most 46, with the NUL that is not kept.
        let text = end.assumingMemoryBound(to: CChar.self)
        guard inet_ntop(AF_INET6, &address, text, 48) != nil else { return }
        buffer.writeIndex += strlen(text)
    }

    /// As ``write(to:)`` spells it. Allocates.
    public var text: String {
        let buffer = ByteBuffer(capacity: 48)
        self.write(to: buffer)
        return buffer.view.string
    }

    /// The IPv4 address within `::ffff:0:0/96`, else the address itself.
    @inlinable public var unmapped: IPAddress {
        guard self.isIPv6, self.high == 0, self.low >> 32 == 0xFFFF else { return self }
        return IPAddress(ipv4: UInt32(truncatingIfNeeded: self.low))
    }

    /// Whether the address and `other`, of one family, have their first `bits` bits in common.
    @inlinable
    public func hasPrefix(_ other: IPAddress, bits: Int) -> Bool {
        guard self.isIPv6 == other.isIPv6 else { return false }
        if !self.isIPv6 { return bits <= 0 || (self.low ^ other.low) >> UInt64(32 - min(bits, 32)) == 0 }
        if bits <= 64 { return bits <= 0 || (self.high ^ other.high) >> UInt64(64 - bits) == 0 }
        return self.high == other.high && (self.low ^ other.low) >> UInt64(128 - min(bits, 128)) == 0
    }
}
