public import Primitives

extension ProxyHeader {
    /// Appends the header in either version.
    ///
    /// Source and destination are of one family: version 1 has no other form, and an IPv4 address beside an
    /// IPv6 one is written as mapped into IPv6. Unix sockets become `UNKNOWN`, or `AF_UNSPEC`.
    public func write(_ version: Version, to buffer: ByteBuffer) {
        switch version {
        case .one: self.writeLine(to: buffer)
        case .two: self.writeBinary(to: buffer)
        }
    }

    private func writeLine(to buffer: ByteBuffer) {
        guard case .addresses(let source, let destination) = self.ends else {
            return buffer.append("PROXY UNKNOWN\r\n")
        }
        let isIPv6 = source.address.isIPv6 || destination.address.isIPv6
        buffer.append(isIPv6 ? "PROXY TCP6 " : "PROXY TCP4 ")
        (isIPv6 ? source.address.mapped : source.address).write(to: buffer)
        buffer.append(0x20)
        (isIPv6 ? destination.address.mapped : destination.address).write(to: buffer)
        buffer.append(0x20)
        buffer.appendDecimal(UInt64(source.port))
        buffer.append(0x20)
        buffer.appendDecimal(UInt64(destination.port))
        buffer.append("\r\n")
    }

    private func writeBinary(to buffer: ByteBuffer) {
        buffer.append("\r\n\r\n\0\r\nQUIT\n")
        guard case .addresses(let source, let destination) = self.ends else {
            // PROXY with AF_UNSPEC: somebody's connection, but not told whose; LOCAL would say our own.
            buffer.append(self.ends == .own ? 0x20 : 0x21)
            buffer.append("\0\0\0")
            return
        }
        let isIPv6 = source.address.isIPv6 || destination.address.isIPv6
        buffer.append(0x21)
        buffer.append(isIPv6 ? 0x21 : 0x11)
        Self.append(isIPv6 ? 36 : 12, bytes: 2, to: buffer)
        for place in [source, destination] {
            if isIPv6 {
                Self.append(place.address.mapped.high, bytes: 8, to: buffer)
                Self.append(place.address.mapped.low, bytes: 8, to: buffer)
            } else {
                Self.append(place.address.low, bytes: 4, to: buffer)
            }
        }
        Self.append(UInt64(source.port), bytes: 2, to: buffer)
        Self.append(UInt64(destination.port), bytes: 2, to: buffer)
    }

    /// The last `bytes` bytes of `value`, the highest first.
    private static func append(_ value: UInt64, bytes: Int, to buffer: ByteBuffer) {
        for index in 1...bytes {
            buffer.append(UInt8(truncatingIfNeeded: value >> UInt64((bytes - index) * 8)))
        }
    }
}

extension IPAddress {
    /// As an IPv6 address: an IPv4 address within `::ffff:0:0/96`.
    fileprivate var mapped: IPAddress {
        self.isIPv6 ? self : IPAddress(high: 0, low: 0xFFFF_0000_0000 | self.low)
    }
}
