/// How durations are written: whole numbers with units, the largest first (`1m30s`).
enum ConfigDuration {
    static let pattern = "^([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?([0-9]{1,9}us)?$"

    private static let units: [(name: String, length: Duration)] = [
        ("h", .seconds(3600)), ("m", .seconds(60)), ("s", .seconds(1)), ("ms", .milliseconds(1)),
        ("us", .microseconds(1)),
    ]

    /// - Returns: nil for anything else, an empty text included.
    static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        var total = Duration.zero
        var units = Self.units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count), let count = Int(String(Substring(digits))) else {
                return nil
            }
            rest = rest.dropFirst(digits.count)
            let name = String(Substring(rest.prefix { (0x61...0x7A).contains($0) }))
            guard let index = units.firstIndex(where: { $0.name == name }) else { return nil }
            total += units[index].length * count
            units = units[(index + 1)...]
            rest = rest.dropFirst(name.utf8.count)
        }
        return total
    }

    /// Whole hours as such, else in the largest of `s`, `ms` and `us` that gives a whole number.
    static func spelling(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = attoseconds / 1_000_000_000_000
        if microseconds == 0 {
            return seconds > 0 && seconds % 3600 == 0 ? "\(seconds / 3600)h" : "\(seconds)s"
        }
        let total = seconds * 1_000_000 + microseconds
        return total % 1000 == 0 ? "\(total / 1000)ms" : "\(total)us"
    }
}
