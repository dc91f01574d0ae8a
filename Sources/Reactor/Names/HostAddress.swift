/// An IP address without a port.
public enum HostAddress: Sendable, Hashable {
    /// As a number: 127.0.0.1 is 0x7F000001.
    case ipv4(UInt32)
    /// The first and the last eight bytes as numbers: ::1 is 0 and 1.
    case ipv6(high: UInt64, low: UInt64)

    /// - Parameter bytes: Four or sixteen, in network order; nil for another number.
    public init?(bytes: some Collection<UInt8>) {
        func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self = .ipv4(UInt32(number(bytes)))
        case 16: self = .ipv6(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8)))
        default: return nil
        }
    }

    public var isIPv4: Bool {
        if case .ipv4 = self { return true }
        return false
    }

    /// Whether a connection can be made to it from anywhere: not to "no address", to a group, to everybody,
    /// or to an address that means nothing without a network interface.
    public var isConnectable: Bool {
        switch self {
        case .ipv4(let address):
            // 0.0.0.0/8; 224.0.0.0/4 and 240.0.0.0/4, with 255.255.255.255 (RFC 6890, RFC 5771).
            return address >> 24 != 0 && address >> 28 < 0xE
        case .ipv6(let high, let low):
            let isUnspecified = high == 0 && low == 0
            let isMulticast = high >> 56 == 0xFF
            let isLinkLocal = high >> 54 == 0xFE80 >> 6
            return !isUnspecified && !isMulticast && !isLinkLocal
        }
    }
}

extension HostAddress: Comparable {
    /// IPv4 first, then by number.
    public static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.ipv4(let a), .ipv4(let b)): a < b
        case (.ipv6(let a, let c), .ipv6(let b, let d)): (a, c) < (b, d)
        case (.ipv4, .ipv6): true
        case (.ipv6, .ipv4): false
        }
    }
}
