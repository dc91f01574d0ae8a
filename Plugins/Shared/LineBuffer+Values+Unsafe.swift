public import PosternSDK

extension LineBuffer {
    /// Appends a value to a line of text: `-` when absent, strings escaped, durations as `1.5s`.
    public func append(_ value: borrowing Value) {
        switch value {
        case .absent: self.append(0x2D)
        case .string(let bytes): self.append(escaped: bytes)
        case .int64(let number): self.append(number: number)
        case .double(let number): self.append(text: "\(number)")
        case .bool(let flag): flag ? self.append("true") : self.append("false")
        case .timestamp(let moment): self.append(moment)
        case .duration(let nanoseconds): self.append(duration: nanoseconds)
        case .ipAddress(let bytes): self.append(address: bytes)
        }
    }

    /// Appends a value as JSON, as the SDK's `appendJSON` does.
    public func append(json value: borrowing Value) {
        switch value {
        case .absent: self.append("null")
        case .string(let bytes): self.append(jsonString: bytes)
        case .int64(let number): self.append(number: number)
        case .double(let number): self.append(json: number)
        case .bool(let flag): flag ? self.append("true") : self.append("false")
        case .timestamp(let moment):
            self.append(0x22)
            self.append(moment)
            self.append(0x22)
        case .duration(let nanoseconds):
            self.append(0x22)
            self.append(duration: nanoseconds)
            self.append(0x22)
        case .ipAddress(let bytes):
            self.append(0x22)
            self.append(address: bytes)
            self.append(0x22)
        }
    }

    /// Appends a number; null when it is not finite. Whole ones have no fraction.
    public func append(json number: Double) {
        guard number.isFinite else { return self.append("null") }
        if number.magnitude < 9_007_199_254_740_992, number.rounded(.towardZero) == number {
            return self.append(number: Int64(number))
        }
        self.append(text: "\(number)")
    }

    /// Appends nanoseconds as seconds: `1.5s`.
    public func append(duration nanoseconds: Int64) {
        if nanoseconds < 0 { self.append(0x2D) }
        let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.append(number: Int64(seconds))
        if fraction > 0 {
            let place = self.room(10)
            place[0] = 0x2E
            var rest = fraction
            var last = 0
            for index in stride(from: 9, through: 1, by: -1) {
                let digit = rest % 10
                rest /= 10
                place[index] = UInt8(truncatingIfNeeded: 0x30 + digit)
                if last == 0, digit != 0 { last = index }
            }
            self.used(last + 1)
        }
        self.append(0x73)
    }

    /// Appends an address of 4 or 16 bytes as people write it (RFC 5952).
    public func append(address bytes: Span<UInt8>) {
        guard bytes.count == 4 else {
            var text: [UInt8] = []
            text.append(address: bytes)
            return self.append(text)
        }
        for index in 0..<4 {
            if index > 0 { self.append(0x2E) }
            self.append(number: Int64(bytes[index]))
        }
    }
}
