internal import Primitives

extension Evaluator {
    func addresses(_ function: Function, _ arguments: ValueSpan) -> Value {
        let value = arguments[0]
        switch (function, value.kind) {
        case (.toIP, .ip), (.toCIDR, .cidr): return value
        case (.toIP, .cidr): return .ip(value.address)
        case (.toIP, .string):
            return AddressText.address(value.view).map { .ip($0) } ?? .error(.invalidArgument, value.view)
        case (.isIP, .string): return .bool(AddressText.address(value.view) != nil)
        case (.ipIsCanonical, .string): return self.isCanonical(value.view)
        case (.toCIDR, .string):
            return AddressText.range(value.view).map { .cidr($0.base, bits: $0.bits) }
                ?? .error(.invalidArgument, value.view)
        case (.isCIDR, .string): return .bool(AddressText.range(value.view) != nil)
        case (_, .ip): return Self.property(function, value.address)
        case (.containsIP, .cidr), (.containsCIDR, .cidr):
            return arguments.count == 2
                ? Self.contains(function, value, arguments[1]) : .error(.noSuchOverload)
        case (.masked, .cidr):
            return .cidr(AddressText.masked(value.address, bits: value.prefixBits), bits: value.prefixBits)
        case (.prefixLength, .cidr): return .int(Int64(value.prefixBits))
        case (.isMask, .cidr):
            return .bool(AddressText.masked(value.address, bits: value.prefixBits) == value.address)
        default: return .error(.noSuchOverload)
        }
    }

    private func isCanonical(_ text: ByteView) -> Value {
        guard let address = AddressText.address(text) else { return .error(.invalidArgument, text) }
        self.text.reset()
        address.write(to: self.text)
        return .bool(self.text.view == text)
    }

    private static func property(_ function: Function, _ address: IPAddress) -> Value {
        let plain = address.unmapped
        let first = UInt8(truncatingIfNeeded: plain.isIPv6 ? plain.high >> 56 : plain.low >> 24)
        let isLinkLocalUnicast =
            plain.isIPv6 ? plain.high >> 54 == 0x3FA : UInt32(truncatingIfNeeded: plain.low) >> 16 == 0xA9FE
        let isLinkLocalMulticast =
            plain.isIPv6
            ? plain.high >> 48 & 0xFF0F == 0xFF02 : UInt32(truncatingIfNeeded: plain.low) >> 8 == 0xE00000
        let isUnspecified = plain.high == 0 && plain.low == 0
        let isLoopback = plain.isIPv6 ? plain.high == 0 && plain.low == 1 : first == 127
        let isMulticast = plain.isIPv6 ? first == 0xFF : first & 0xF0 == 0xE0
        let isBroadcast = !plain.isIPv6 && plain.low == 0xFFFF_FFFF
        switch function {
        case .family: return .int(address.isIPv6 ? 6 : 4)
        case .isUnspecified: return .bool(isUnspecified)
        case .isLoopback: return .bool(isLoopback)
        case .isLinkLocalUnicast: return .bool(isLinkLocalUnicast)
        case .isLinkLocalMulticast: return .bool(isLinkLocalMulticast)
        case .isGlobalUnicast:
            return .bool(!isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast && !isBroadcast)
        default: return .error(.noSuchOverload)
        }
    }

    private static func contains(_ function: Function, _ range: Value, _ other: Value) -> Value {
        let base = AddressText.masked(range.address, bits: range.prefixBits)
        var address: IPAddress?
        var bits = range.prefixBits
        switch (function, other.kind) {
        case (.containsIP, .ip): address = other.address
        case (.containsIP, .string): address = AddressText.address(other.view)
        case (.containsCIDR, .cidr):
            address = other.address
            bits = other.prefixBits
        case (.containsCIDR, .string):
            guard let read = AddressText.range(other.view) else { break }
            address = read.base
            bits = read.bits
        default: return .error(.noSuchOverload)
        }
        guard let address else { return .error(.invalidArgument, other.view) }
        return .bool(bits >= range.prefixBits && address.hasPrefix(base, bits: range.prefixBits))
    }
}
