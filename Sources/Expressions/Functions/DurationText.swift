internal import Primitives

/// Reading and writing of durations.
enum DurationText {
    /// `1h30m`, `-1.5s`, `100ms`: numbers with units from hours to nanoseconds, in any order; nil for what is
    /// none, or more than 290 years.
    static func parse(_ text: ByteView) -> Int64? {
        var index = 0
        let isNegative = text.count > 0 && text[0] == 0x2D
        if text.count > 0, text[0] == 0x2D || text[0] == 0x2B { index = 1 }
        if index + 1 == text.count, text[index] == 0x30 { return 0 }
        guard index < text.count else { return nil }
        var total: UInt64 = 0
        while index < text.count {
            guard let part = Self.part(text, &index) else { return nil }
            let (sum, isOver) = total.addingReportingOverflow(part)
            guard !isOver, sum <= UInt64(Int64.max) + 1 else { return nil }
            total = sum
        }
        if isNegative { return total == UInt64(Int64.max) + 1 ? .min : -Int64(total) }
        return Int64(exactly: total)
    }

    /// One number with its unit, in nanoseconds.
    private static func part(_ text: ByteView, _ index: inout Int) -> UInt64? {
        var whole: UInt64 = 0
        let start = index
        while index < text.count, text[index] &- 0x30 < 10 {
            let (scaled, isOver) = whole.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = scaled.addingReportingOverflow(UInt64(text[index] - 0x30))
            guard !isOver, !isOverToo else { return nil }
            whole = sum
            index += 1
        }
        var hasDigits = index > start
        var fraction = 0.0
        if index < text.count, text[index] == 0x2E {
            index += 1
            var scale = 0.1
            while index < text.count, text[index] &- 0x30 < 10 {
                fraction += Double(text[index] - 0x30) * scale
                scale /= 10
                hasDigits = true
                index += 1
            }
        }
        guard hasDigits, let unit = Self.unit(text, &index) else { return nil }
        let (nanoseconds, isOver) = whole.multipliedReportingOverflow(by: unit)
        guard !isOver else { return nil }
        let rest = (fraction * Double(unit)).rounded()
        let (sum, isOverToo) = nanoseconds.addingReportingOverflow(UInt64(rest))
        return isOverToo ? nil : sum
    }

    private static func unit(_ text: ByteView, _ index: inout Int) -> UInt64? {
        let rest = text.dropFirst(index)
        let units: [(StaticString, UInt64)] = [
            ("ns", 1), ("us", 1000), ("\u{B5}s", 1000), ("\u{3BC}s", 1000), ("ms", 1_000_000),
            ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        for (name, nanoseconds) in units where rest.hasPrefix(ByteView(name)) {
            index += name.utf8CodeUnitCount
            return nanoseconds
        }
        return nil
    }

    /// Appends the duration in seconds: `90s`, `-0.5s`.
    static func write(_ nanoseconds: Int64, to buffer: ByteBuffer, inThrees: Bool = false) {
        if nanoseconds < 0 { buffer.append(0x2D) }
        let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        buffer.appendDecimal(seconds)
        buffer.appendFraction(nanoseconds: rest, inThrees: inThrees)
        buffer.append(0x73)
    }
}
