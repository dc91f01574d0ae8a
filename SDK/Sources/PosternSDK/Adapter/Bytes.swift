// What adapters write into: arrays of bytes.

extension Array where Element == UInt8 {
    /// Appends bytes.
    public mutating func append(contentsOf bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }

    /// Appends a number in decimal, with zeros in front up to `width` digits.
    public mutating func append(number: Int64, width: Int = 1) {
        if number < 0 { self.append(0x2D) }
        var rest = number.magnitude
        let start = self.count
        repeat {
            self.append(UInt8(truncatingIfNeeded: 0x30 + rest % 10))
            rest /= 10
        } while rest > 0
        while self.count - start < width { self.append(0x30) }
        self[start...].reverse()
    }

    /// Appends a duration in nanoseconds as seconds, `1.5s`.
    public mutating func append(duration: Int64) {
        if duration < 0 { self.append(0x2D) }
        let (seconds, fraction) = duration.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.append(number: Int64(seconds))
        if fraction > 0 {
            self.append(0x2E)
            self.append(number: Int64(fraction), width: 9)
            while self.last == 0x30 { self.removeLast() }
        }
        self.append(0x73)
    }

    /// Appends an address of 4 or 16 bytes as people write it (RFC 5952).
    public mutating func append(address bytes: Span<UInt8>) {
        guard bytes.count == 16 else {
            for index in bytes.indices {
                if index > 0 { self.append(0x2E) }
                self.append(number: Int64(bytes[index]))
            }
            return
        }
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > Swift.max(longest.count, 1) { longest = start..<end }
            start = end + 1
        }
        for (index, group) in groups.enumerated() {
            if longest.contains(index) {
                if index == longest.lowerBound { self.append(contentsOf: [0x3A, 0x3A]) }
                continue
            }
            if index > 0, index != longest.upperBound { self.append(0x3A) }
            self.append(contentsOf: String(group, radix: 16).utf8)
        }
    }

    /// Appends text as a JSON string with its quotes (RFC 8259); malformed UTF-8 becomes U+FFFD.
    public mutating func append(jsonString bytes: Span<UInt8>) {
        self.append(0x22)
        bytes.withUnsafeBufferPointer { bytes in
            var plain = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                if byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C {
                    index += 1
                    continue
                }
                self.append(contentsOf: bytes[plain..<index])
                if byte >= 0x80 {
                    let count = Self.wellFormed(bytes, at: index)
                    if count > 0 {
                        self.append(contentsOf: bytes[index..<(index + count)])
                    } else {
                        self.append(contentsOf: [0xEF, 0xBF, 0xBD])
                    }
                    index += Swift.max(count, 1)
                } else {
                    self.append(escaped: byte)
                    index += 1
                }
                plain = index
            }
            self.append(contentsOf: bytes[plain...])
        }
        self.append(0x22)
    }

    private mutating func append(escaped byte: UInt8) {
        self.append(0x5C)
        switch byte {
        case 0x22, 0x5C: self.append(byte)
        case 0x0A: self.append(0x6E)
        case 0x0D: self.append(0x72)
        case 0x09: self.append(0x74)
        default:
            self.append(contentsOf: [0x75, 0x30, 0x30])
            for digit in [byte >> 4, byte & 15] { self.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
    }

    /// Bytes of the well-formed character (Unicode, table 3-7) that begins at `index`; 0 when there is none.
    private static func wellFormed(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let first = bytes[index]
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard count > 0, index + count <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
        for rest in bytes[(index + 2)..<(index + count)] where rest & 0xC0 != 0x80 { return 0 }
        return count
    }
}
