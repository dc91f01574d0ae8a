internal import Primitives

/// How long to wait after failures: twice as long after each, up to a limit, and by chance up to half less,
/// so that many do not come back at once.
struct RetryBackoff: Sendable {
    private let initial: UInt64
    private let limit: UInt64
    private var random: RandomSource
    /// Failures since the last success.
    private(set) var failures = 0

    init(initial: Duration, limit: Duration, random: RandomSource = RandomSource()) {
        self.initial = max(initial.nanoseconds, 1)
        self.limit = max(limit.nanoseconds, self.initial)
        self.random = random
    }

    /// - Returns: Nanoseconds to wait.
    mutating func failed() -> UInt64 {
        self.failures += 1
        let (scaled, over) = self.initial.multipliedReportingOverflow(
            by: 1 << UInt64(min(self.failures - 1, 40)))
        let full = over ? self.limit : min(scaled, self.limit)
        return full - UInt64.random(in: 0...full / 2, using: &self.random)
    }

    mutating func succeeded() { self.failures = 0 }
}
