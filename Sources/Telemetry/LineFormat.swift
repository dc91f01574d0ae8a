internal import Primitives

/// Pieces of text that log and admin endpoints share: times, and strings that cannot break out of their line.
enum LineFormat {
    /// Appends `2026-01-31T08:05:09.123Z` (RFC 3339, UTC).
    ///
    /// - Parameter digits: Digits of the fraction: 3 or 6.
    static func appendTime(_ nanoseconds: UInt64, digits: Int, to buffer: ByteBuffer) {
        let seconds = nanoseconds / 1_000_000_000
        let days = seconds / 86_400
        let (year, month, day) = self.date(days)
        self.appendPadded(year, 4, to: buffer)
        buffer.append(0x2D)
        self.appendPadded(month, 2, to: buffer)
        buffer.append(0x2D)
        self.appendPadded(day, 2, to: buffer)
        buffer.append(0x54)
        self.appendPadded(seconds / 3600 % 24, 2, to: buffer)
        buffer.append(0x3A)
        self.appendPadded(seconds / 60 % 60, 2, to: buffer)
        buffer.append(0x3A)
        self.appendPadded(seconds % 60, 2, to: buffer)
        buffer.append(0x2E)
        let fraction = nanoseconds % 1_000_000_000
        self.appendPadded(digits == 3 ? fraction / 1_000_000 : fraction / 1000, digits, to: buffer)
        buffer.append(0x5A)
    }

    /// Year, month and day of the day `days` after 1970-01-01 (Hinnant, "chrono-compatible low-level date
    /// algorithms").
    static func date(_ days: UInt64) -> (UInt64, UInt64, UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Appends `value` with leading zeros, at least `digits` digits in all.
    static func appendPadded(_ value: UInt64, _ digits: Int, to buffer: ByteBuffer) {
        var bound: UInt64 = 10
        for _ in 0..<digits - 1 {
            if value < bound { buffer.append(0x30) }
            bound *= 10
        }
        buffer.appendDecimal(value)
    }

    /// Appends the contents of a JSON string (RFC 8259, 7): controls, quotes and backslashes escaped, U+2028
    /// and U+2029 too, malformed UTF-8 replaced by U+FFFD.
    static func appendJSON(_ bytes: ByteView, to buffer: ByteBuffer) {
        var index = 0
        var plain = 0
        while index < bytes.count {
            if index + 8 <= bytes.count, self.isPlain(bytes.word(at: index)) {
                index += 8
                continue
            }
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C {
                index += 1
                continue
            }
            if byte >= 0x80, let length = self.sequence(bytes, index), !self.breaksLines(bytes, index) {
                index += length
                continue
            }
            buffer.append(bytes[plain..<index])
            index += self.appendEscaped(bytes, index, to: buffer)
            plain = index
        }
        buffer.append(bytes[plain..<index])
    }

    /// Whether eight bytes are all printable ASCII but for quote, backslash and DEL: no byte has its top bit,
    /// is below 0x20, or is zero when combined with one of the three ("Bit Twiddling Hacks", "Determine if a
    /// word has a byte …").
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let below = (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones) | word
        return (below | (word &+ ones)) & (ones &* 0x80) == 0
    }

    /// Appends the escape of what stands at `index`, and says how many bytes it stands for.
    private static func appendEscaped(_ bytes: ByteView, _ index: Int, to buffer: ByteBuffer) -> Int {
        let byte = bytes[index]
        switch byte {
        case 0x22: buffer.append("\\\"")
        case 0x5C: buffer.append("\\\\")
        case 0x0A: buffer.append("\\n")
        case 0x0D: buffer.append("\\r")
        case 0x09: buffer.append("\\t")
        case 0..<0x80:
            buffer.append("\\u00")
            self.appendHexadecimal(byte, to: buffer)
        default:
            if self.isSeparator(bytes, index) {
                buffer.append(bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                return 3
            }
            if self.isControl(bytes, index) {
                buffer.append("\\u00")
                self.appendHexadecimal(bytes[index + 1], to: buffer)
                return 2
            }
            buffer.append("\u{FFFD}")
        }
        return 1
    }

    /// Appends text for a line of plain text: printable ASCII and well-formed UTF-8 as they are, quotes and
    /// backslashes escaped with a backslash, all else as `\xHH`, so that no value ends its quotes or its
    /// line.
    ///
    /// - Parameter quotes: Whether quotes are escaped; not where the text stands in none.
    static func appendText(_ bytes: ByteView, quotes: Bool = true, to buffer: ByteBuffer) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x80, let length = self.sequence(bytes, index), !self.breaksLines(bytes, index) {
                buffer.append(bytes[index..<index + length])
                index += length
                continue
            }
            if byte >= 0x20, byte < 0x7F {
                if quotes && byte == 0x22 || byte == 0x5C { buffer.append(0x5C) }
                buffer.append(byte)
            } else {
                buffer.append("\\x")
                self.appendHexadecimal(byte, to: buffer)
            }
            index += 1
        }
    }

    private static func appendHexadecimal(_ byte: UInt8, to buffer: ByteBuffer) {
        buffer.appendHexadecimal(UInt64(byte >> 4))
        buffer.appendHexadecimal(UInt64(byte & 15))
    }

    /// U+2028 or U+2029, which some readers take for line breaks.
    private static func isSeparator(_ bytes: ByteView, _ index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index] == 0xE2 && bytes[index + 1] == 0x80
            && bytes[index + 2] & 0xFE == 0xA8
    }

    /// U+0080...U+009F: control characters, among them the line break U+0085.
    private static func isControl(_ bytes: ByteView, _ index: Int) -> Bool {
        index + 1 < bytes.count && bytes[index] == 0xC2 && bytes[index + 1] & 0xE0 == 0x80
    }

    private static func breaksLines(_ bytes: ByteView, _ index: Int) -> Bool {
        self.isSeparator(bytes, index) || self.isControl(bytes, index)
    }

    /// How long the well-formed UTF-8 sequence at `index` is (Unicode 15, table 3-7); nil when it is
    /// malformed.
    static func sequence(_ bytes: ByteView, _ index: Int) -> Int? {
        let first = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { second = 0xA0...0xBF }
            if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { second = 0x90...0xBF }
            if first == 0xF4 { second = 0x80...0x8F }
        default: return nil
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        for step in 2..<max(length, 2) where bytes[index + step] & 0xC0 != 0x80 { return nil }
        return length
    }
}
