internal import Glibc

/// A moment of the machine's monotonic clock, in nanoseconds since an unspecified start.
///
/// The data path reads the clock once per turn of its loop and passes the value on.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    public let nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Reads the clock (about 20 ns).
    public static func now() -> MonotonicTime { MonotonicTime(nanoseconds: Self.read(CLOCK_MONOTONIC)) }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Nanoseconds from `earlier` to this moment; 0 when `earlier` is later.
    @inlinable
    public func since(_ earlier: MonotonicTime) -> UInt64 {
        self.nanoseconds > earlier.nanoseconds ? self.nanoseconds - earlier.nanoseconds : 0
    }

    @inlinable
    public func advanced(byNanoseconds delta: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: self.nanoseconds &+ delta)
    }

    public func advanced(by duration: Duration) -> MonotonicTime {
        self.advanced(byNanoseconds: duration.nanoseconds)
    }

    static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// A moment of the calendar clock, in nanoseconds since 1970-01-01T00:00:00Z.
public struct WallTime: Sendable, Hashable {
    public let nanosecondsSinceEpoch: UInt64

    @inlinable
    public init(nanosecondsSinceEpoch: UInt64) { self.nanosecondsSinceEpoch = nanosecondsSinceEpoch }

    public static func now() -> WallTime {
        WallTime(nanosecondsSinceEpoch: MonotonicTime.read(CLOCK_REALTIME))
    }
}

extension Duration {
    /// The whole duration in nanoseconds; 0 when negative, `UInt64.max` when it does not fit.
    public var nanoseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (scaled, over) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return over || carry ? .max : sum
    }
}
