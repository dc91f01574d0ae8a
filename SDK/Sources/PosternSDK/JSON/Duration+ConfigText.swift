extension Duration {
    /// A duration as configurations spell it: `250ms`, `2s`, `1m30s`, `1h`; units `ns us ms s m h`, whole
    /// numbers.
    ///
    /// - Returns: nil when malformed, negative or past 292 years.
    public init?(configText text: String) {
        var nanoseconds: UInt64 = 0
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            let scale: UInt64
            switch unit {
            case "ns": scale = 1
            case "us": scale = 1000
            case "ms": scale = 1_000_000
            case "s": scale = 1_000_000_000
            case "m": scale = 60_000_000_000
            case "h": scale = 3_600_000_000_000
            default: return nil
            }
            guard let count = UInt64(digits) else { return nil }
            let (part, over) = count.multipliedReportingOverflow(by: scale)
            let (sum, carry) = nanoseconds.addingReportingOverflow(part)
            guard !over, !carry, sum <= UInt64(Int64.max) else { return nil }
            nanoseconds = sum
        }
        self = .nanoseconds(Int64(nanoseconds))
    }
}
