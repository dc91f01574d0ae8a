internal import Primitives

/// What follows a `%` in a format.
struct FormatClause {
    /// Digits after the point.
    static let precisionLimit = 64

    let conversion: UInt8
    var precision = 6

    /// Reads the clause at `index`, and moves it behind.
    init?(_ pattern: ByteView, _ index: inout Int) {
        if index < pattern.count, pattern[index] == 0x2E {
            index += 1
            let start = index
            var precision = 0
            while index < pattern.count, pattern[index] &- 0x30 < 10, precision <= Self.precisionLimit {
                precision = precision * 10 + Int(pattern[index] - 0x30)
                index += 1
            }
            guard index > start, precision <= Self.precisionLimit else { return nil }
            self.precision = precision
        }
        guard index < pattern.count, ByteView("sdfexXob").firstIndex(of: pattern[index]) != nil else {
            return nil
        }
        self.conversion = pattern[index]
        index += 1
    }
}
