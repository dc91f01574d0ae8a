internal import PosternSDK

// MessagePack as the forward protocol needs it (github.com/msgpack/msgpack/blob/master/spec.md).

extension Array where Element == UInt8 {
    mutating func pack(array count: Int) { self.pack(count, 0x90, 15, nil, 0xDC, 0xDD) }
    mutating func pack(map count: Int) { self.pack(count, 0x80, 15, nil, 0xDE, 0xDF) }

    mutating func pack(text: String) { self.pack(text: Array(text.utf8).span) }

    /// Malformed UTF-8 becomes U+FFFD: a receiver refuses a whole message for one text that is none.
    mutating func pack(text bytes: Span<UInt8>) {
        guard (try? UTF8Span(validating: bytes)) != nil else {
            var copy: [UInt8] = []
            copy.append(contentsOf: bytes)
            return self.pack(text: String(decoding: copy, as: UTF8.self))
        }
        self.pack(bytes.count, 0xA0, 31, 0xD9, 0xDA, 0xDB)
        self.append(contentsOf: bytes)
    }

    mutating func pack(binary bytes: [UInt8]) {
        self.pack(bytes.count, 0, -1, 0xC4, 0xC5, 0xC6)
        self += bytes
    }

    mutating func pack(nil: Void) { self.append(0xC0) }
    mutating func pack(flag: Bool) { self.append(flag ? 0xC3 : 0xC2) }

    mutating func pack(number: Int64) {
        switch number {
        case 0...127: self.append(UInt8(number))
        case -32..<0: self.append(UInt8(bitPattern: Int8(number)))
        default:
            self.append(0xD3)
            self.append(bigEndian: UInt64(bitPattern: number))
        }
    }

    mutating func pack(double: Double) {
        self.append(0xCB)
        self.append(bigEndian: double.bitPattern)
    }

    /// Fluentd's EventTime: seconds and nanoseconds in an extension of type 0.
    mutating func pack(eventTime: Timestamp) {
        let (seconds, fraction) = eventTime.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self += [0xD7, 0x00]
        self.append(bigEndian: UInt32(truncatingIfNeeded: seconds))
        self.append(bigEndian: UInt32(truncatingIfNeeded: Swift.max(fraction, 0)))
    }

    /// A length: in the first byte up to `largest`, else behind one of three bytes.
    private mutating func pack(
        _ count: Int, _ fixed: UInt8, _ largest: Int, _ one: UInt8?, _ two: UInt8, _ four: UInt8
    ) {
        if count <= largest {
            self.append(fixed | UInt8(count))
        } else if count < 256, let one {
            self += [one, UInt8(count)]
        } else if count < 65_536 {
            self.append(two)
            self.append(bigEndian: UInt16(count))
        } else {
            self.append(four)
            self.append(bigEndian: UInt32(truncatingIfNeeded: count))
        }
    }

    private mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            self.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
