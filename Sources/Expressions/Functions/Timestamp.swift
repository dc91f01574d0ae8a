internal import Primitives

/// Reading and writing of points in time (RFC 3339), and the calendar.
enum Timestamp {
    /// Years 1 to 9999.
    static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    static func value(seconds: Int64, nanoseconds: UInt32) -> Value {
        Self.seconds.contains(seconds)
            ? .timestamp(seconds: seconds, nanoseconds: nanoseconds) : .error(.outOfRange)
    }

    /// `2006-01-02T15:04:05.999Z` or with an offset in place of `Z`; nil for what is none.
    static func parse(_ text: ByteView) -> Value? {
        guard text.count >= 20, let year = Self.digits(text, 0, 4), text[4] == 0x2D,
            let month = Self.digits(text, 5, 2), text[7] == 0x2D, let day = Self.digits(text, 8, 2),
            text[10] | 0x20 == 0x74, let hour = Self.digits(text, 11, 2), text[13] == 0x3A,
            let minute = Self.digits(text, 14, 2), text[16] == 0x3A, let second = Self.digits(text, 17, 2),
            (1...12).contains(month), day >= 1, day <= Calendar.days(inMonth: month, ofYear: year), hour < 24,
            minute < 60, second < 60
        else { return nil }
        var index = 19
        var nanoseconds: UInt32 = 0
        if text[index] == 0x2E {
            index += 1
            let start = index
            var scale: UInt32 = 100_000_000
            while index < text.count, text[index] &- 0x30 < 10 {
                nanoseconds += UInt32(text[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start, index - start <= 9 else { return nil }
        }
        guard let offset = Self.offset(text.dropFirst(index)) else { return nil }
        let days = Calendar.days(year: year, month: month, day: day)
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        return Self.value(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Seconds east of Greenwich: `Z`, `+02:00`.
    private static func offset(_ text: ByteView) -> Int? {
        if text.count == 1 { return text[0] | 0x20 == 0x7A ? 0 : nil }
        guard text.count == 6, text[0] == 0x2B || text[0] == 0x2D, text[3] == 0x3A,
            let hours = Self.digits(text, 1, 2), let minutes = Self.digits(text, 4, 2), hours < 24,
            minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return text[0] == 0x2D ? -seconds : seconds
    }

    static func digits(_ text: ByteView, _ start: Int, _ count: Int) -> Int? {
        guard start + count <= text.count else { return nil }
        var value = 0
        for index in start..<start + count {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// Appends the time in UTC, with as many digits of the second's fraction as it needs; in groups of three
    /// when `inThrees`, as protobuf's JSON form wants it.
    static func write(_ value: Value, to buffer: ByteBuffer, inThrees: Bool = false) {
        let moment = Calendar.Moment(value.seconds)
        buffer.appendPadded(UInt64(moment.year), digits: 4)
        buffer.append(0x2D)
        buffer.appendPadded(UInt64(moment.month), digits: 2)
        buffer.append(0x2D)
        buffer.appendPadded(UInt64(moment.day), digits: 2)
        buffer.append(0x54)
        buffer.appendPadded(UInt64(moment.secondOfDay / 3600), digits: 2)
        buffer.append(0x3A)
        buffer.appendPadded(UInt64(moment.secondOfDay / 60 % 60), digits: 2)
        buffer.append(0x3A)
        buffer.appendPadded(UInt64(moment.secondOfDay % 60), digits: 2)
        buffer.appendFraction(nanoseconds: UInt64(value.nanoseconds), inThrees: inThrees)
        buffer.append(0x5A)
    }
}
