/// A moment, as nanoseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970.
    public let nanoseconds: Int64

    /// That moment.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// By time.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Its parts in UTC.
    public var parts:
        (
            year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, nanosecond: Int,
            weekday: Int
        )
    {
        let (seconds, fraction) = self.nanoseconds.floorDivided(by: 1_000_000_000)
        let (days, rest) = seconds.floorDivided(by: 86_400)
        // Days of a civil calendar whose years begin in March, so that a leap day comes last.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.floorDivided(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month),
            Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1), Int(rest / 3600), Int(rest / 60 % 60),
            Int(rest % 60), Int(fraction), Int((days + 4).floorDivided(by: 7).1)
        )
    }

    /// Writes it as RFC 3339 in UTC: `2026-11-26T07:00:00.123Z`, with as many digits as asked for (0...9).
    public func append(to out: inout [UInt8], fractionDigits: Int = 3) {
        let parts = self.parts
        out.append(number: Int64(parts.year), width: 4)
        out.append(0x2D)
        out.append(number: Int64(parts.month), width: 2)
        out.append(0x2D)
        out.append(number: Int64(parts.day), width: 2)
        out.append(0x54)
        out.append(number: Int64(parts.hour), width: 2)
        out.append(0x3A)
        out.append(number: Int64(parts.minute), width: 2)
        out.append(0x3A)
        out.append(number: Int64(parts.second), width: 2)
        if fractionDigits > 0 {
            out.append(0x2E)
            var divisor = 1
            for _ in 0..<(9 - min(fractionDigits, 9)) { divisor *= 10 }
            out.append(number: Int64(parts.nanosecond / divisor), width: min(fractionDigits, 9))
        }
        out.append(0x5A)
    }
}

extension Int64 {
    func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
