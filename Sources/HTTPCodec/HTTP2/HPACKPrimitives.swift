internal import Primitives

/// An integer as HPACK writes it (RFC 7541, 5.1).
enum HPACKInteger {
    case value(Int)
    case incomplete
    /// Larger than any that means something.
    case failed

    /// Reads from `at` on, where a byte must be; moves `at` behind it.
    ///
    /// - Parameter mask: The bits of the first byte that belong to it.
    @inline(__always)
    init(_ bytes: ByteView, at: inout Int, mask: UInt8) {
        let first = bytes[at] & mask
        at &+= 1
        self = first < mask ? .value(Int(first)) : Self.long(bytes, at: &at, mask)
    }

    @inline(never)
    private static func long(_ bytes: ByteView, at: inout Int, _ mask: UInt8) -> Self {
        var value = Int(mask)
        var shift = 0
        while at < bytes.count {
            if shift > 28 { return .failed }
            let byte = bytes[at]
            at &+= 1
            value &+= Int(byte & 0x7F) << shift
            if value > Int(UInt32.max) { return .failed }
            if byte & 0x80 == 0 { return .value(value) }
            shift &+= 7
        }
        return .incomplete
    }
}

/// A string as HPACK writes it (RFC 7541, 5.2).
enum HPACKString {
    case none
    case plain(ByteView)
    /// In Huffman's code.
    case coded(ByteView)
    case incomplete
    case failed

    /// Reads from `at` on, and moves `at` behind it.
    init(_ bytes: ByteView, at: inout Int) {
        guard at < bytes.count else {
            self = .incomplete
            return
        }
        let isCoded = bytes[at] & 0x80 != 0
        switch HPACKInteger(bytes, at: &at, mask: 0x7F) {
        case .incomplete: self = .incomplete
        case .failed: self = .failed
        case .value(let length):
            guard length <= bytes.count &- at else {
                self = .incomplete
                return
            }
            let part = bytes.slice(from: at, to: at &+ length)
            at &+= length
            self = isCoded ? .coded(part) : .plain(part)
        }
    }
}

extension ByteBuffer {
    /// Appends an integer, with `flags` in the bits of its first byte that `mask` leaves. Room for ten bytes
    /// was made.
    @inline(__always)
    func append(hpackInteger value: Int, mask: UInt8, flags: UInt8) {
        assert(self.spare >= 10)
        if value < Int(mask) {
            self.storeByte(flags | UInt8(truncatingIfNeeded: value))
        } else {
            self.appendLong(value &- Int(mask), flags | mask)
        }
    }

    @inline(never)
    private func appendLong(_ value: Int, _ first: UInt8) {
        self.storeByte(first)
        var rest = value
        while rest >= 0x80 {
            self.storeByte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.storeByte(UInt8(truncatingIfNeeded: rest))
    }

    /// Room for it was made.
    @inline(__always)
    private func storeByte(_ byte: UInt8) {
        self.base.storeBytes(of: byte, toByteOffset: self.writeIndex, as: UInt8.self)
        self.writeIndex &+= 1
    }
}
