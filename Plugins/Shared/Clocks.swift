internal import Glibc

/// Nanoseconds of a clock that is never set.
public func monotonicNanoseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

extension Duration {
    /// In nanoseconds; the most, or the least, that fits when it is longer.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOverAll) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isOver || isOverAll ? (seconds < 0 ? .min : .max) : sum
    }
}

/// Nanoseconds since 1970.
public func wallNanoseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
