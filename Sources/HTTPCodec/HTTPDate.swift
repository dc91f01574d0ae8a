public import Primitives

/// A calendar time as `Date` fields spell it: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, 5.6.7).
public struct HTTPDate: Sendable, Hashable {
    private let secondsSinceEpoch: UInt64

    public init(_ time: WallTime) { self.secondsSinceEpoch = time.nanosecondsSinceEpoch / 1_000_000_000 }

    /// Appends the 29 characters. Format once a second and keep the result; it costs about 200 ns.
    public func write(to buffer: ByteBuffer) {
        let days = Int(self.secondsSinceEpoch / 86_400)
        let second = Int(self.secondsSinceEpoch % 86_400)
        let (year, month, day) = Self.civil(days: days)
        // 1970-01-01 was a Thursday.
        buffer.append(Self.slice("SunMonTueWedThuFriSat", (days + 4) % 7))
        buffer.append(", ")
        Self.writeTwoDigits(day, to: buffer)
        buffer.append(ASCII.space)
        buffer.append(Self.slice("JanFebMarAprMayJunJulAugSepOctNovDec", month - 1))
        buffer.append(ASCII.space)
        Self.writeTwoDigits(year / 100, to: buffer)
        Self.writeTwoDigits(year % 100, to: buffer)
        buffer.append(ASCII.space)
        Self.writeTwoDigits(second / 3600, to: buffer)
        buffer.append(ASCII.colon)
        Self.writeTwoDigits(second / 60 % 60, to: buffer)
        buffer.append(ASCII.colon)
        Self.writeTwoDigits(second % 60, to: buffer)
        buffer.append(" GMT")
    }

    private static func slice(_ names: StaticString, _ index: Int) -> ByteView {
        ByteView(names)[index * 3..<index * 3 + 3]
    }

    private static func writeTwoDigits(_ value: Int, to buffer: ByteBuffer) {
        buffer.append(0x30 + UInt8(value / 10 % 10))
        buffer.append(0x30 + UInt8(value % 10))
    }

    /// Howard Hinnant's days-to-civil, for days since 1970 (the proleptic Gregorian calendar, years from
    /// March).
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
