internal import Synchronization

/// Lets so many a second pass, over all threads.
final class RateLimit: Sendable {
    let perSecond: Int
    /// The second, in the upper half, and how many have passed in it.
    private let state = Atomic<UInt64>(0)

    init(perSecond: Int) { self.perSecond = perSecond }

    /// - Parameter now: A monotonic clock, in nanoseconds.
    func allows(at now: UInt64) -> Bool {
        let second = now / 1_000_000_000 & 0xFFFF_FFFF
        var seen = self.state.load(ordering: .relaxed)
        while true {
            let count = seen >> 32 == second ? seen & 0xFFFF_FFFF : 0
            if count >= UInt64(self.perSecond) { return false }
            let (isDone, other) = self.state.compareExchange(
                expected: seen, desired: second << 32 | (count + 1), ordering: .relaxed)
            if isDone { return true }
            seen = other
        }
    }
}
