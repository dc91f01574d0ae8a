internal import Primitives

/// Counts frames that cost us work and the peer nothing (RFC 9113, 10.5).
///
/// Two budgets, filled up by useful frames and by time; either one spent means that the peer is attacking,
/// or broken.
struct HTTP2FloodGuard {
    private let limits: HTTP2FloodLimits
    private var control: Int
    private var resets: Int
    private var filled = MonotonicTime(nanoseconds: 0)

    /// What one period of time gives back.
    private static var controlPerPeriod: UInt64 { 5 }
    private static var period: UInt64 { 50_000_000 }

    init(limits: HTTP2FloodLimits) {
        self.limits = limits
        self.control = limits.control
        self.resets = limits.resets
    }

    /// Gives back what the time since the last call is worth.
    mutating func timePassed(until now: MonotonicTime) {
        let elapsed = now.since(self.filled)
        guard elapsed >= Self.period else { return }
        let periods = min(elapsed / Self.period, 1_000_000)
        self.filled = now
        self.earn(control: Int(periods * Self.controlPerPeriod))
        self.resets = min(self.resets + Int(periods), self.limits.resets)
    }

    /// A frame without use came.
    ///
    /// - Returns: false when that was one too many.
    mutating func spendControl() -> Bool {
        self.control -= 1
        return self.control >= 0
    }

    /// A stream ended in a way that made work for nothing; as ``spendControl()``.
    mutating func spendReset() -> Bool {
        self.resets -= 1
        return self.resets >= 0
    }

    /// A stream was opened.
    mutating func streamOpened() { self.earn(control: 20) }

    /// A DATA frame with bytes went either way.
    @inline(__always)
    mutating func dataPassed() { self.earn(control: 4) }

    /// A stream ended as it should.
    mutating func streamFinished() { if self.resets < self.limits.resets { self.resets += 1 } }

    @inline(__always)
    private mutating func earn(control: Int) {
        self.control = min(self.control &+ control, self.limits.control)
    }
}
