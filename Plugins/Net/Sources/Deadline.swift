internal import Glibc

/// A moment until which something may take, on a clock that nobody sets.
public struct Deadline: Sendable {
    private let nanoseconds: Int64

    /// So long from now.
    public init(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let length = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = Self.now.addingReportingOverflow(
            length.overflow ? .max / 2 : length.partialValue + attoseconds / 1_000_000_000)
        self.nanoseconds = sum.overflow ? .max : sum.partialValue
    }

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Whether it is past.
    public var isOver: Bool { self.nanoseconds <= Self.now }

    /// An earlier one: a share of what is left, one part of `parts`.
    public func share(of parts: Int) -> Deadline {
        let now = Self.now
        return Deadline(nanoseconds: now + max(self.nanoseconds - now, 0) / Int64(max(parts, 1)))
    }

    /// For poll(2): at least 0, rounded up.
    var milliseconds: Int32 {
        Int32(clamping: max(self.nanoseconds - Self.now + 999_999, 0) / 1_000_000)
    }

    /// Nanoseconds of the monotonic clock.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
