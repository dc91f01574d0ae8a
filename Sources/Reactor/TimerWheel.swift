public import Primitives

/// The timers of one loop: a hashed wheel (Varghese and Lauck, scheme 6).
///
/// A tick is 2^23 ns (8.4 ms); a timer fires at the first tick that begins at or after its deadline. A timer
/// further away than one turn of the wheel (34 s) is looked at once a turn.
///
/// - Complexity: O(1) to set and cancel; a look at each queued timer's slot once a turn.
public final class TimerWheel {
    static let tickShift: UInt64 = 23
    static let slots = 4096

    private var heads: [DeadlineTimer?]
    /// Bit *n* of word *m*: slot 64*m* + *n* has timers.
    private var occupied: [UInt64]
    /// The first tick that has not been worked off.
    private var current: UInt64
    private var queued = 0

    public init(now: MonotonicTime) {
        self.heads = Array(repeating: nil, count: Self.slots)
        self.occupied = Array(repeating: 0, count: Self.slots / 64)
        self.current = now.nanoseconds >> Self.tickShift
    }

    /// Makes `timer` fire at `deadline`, in place of an earlier setting.
    public func set(_ timer: DeadlineTimer, at deadline: MonotonicTime) {
        timer.deadline = deadline.nanoseconds
        let tick = max(Self.tick(of: deadline.nanoseconds), self.current)
        if timer.isQueued {
            if timer.tick <= tick { return }  // Found to be later when the old tick comes.
            self.unlink(timer)
        }
        self.link(timer, tick)
    }

    /// The timer will not fire. It may stay queued; that costs one look.
    public func cancel(_ timer: DeadlineTimer) { timer.clear() }

    /// Takes the timer out for good, before its owner goes away.
    public func remove(_ timer: DeadlineTimer) {
        timer.deadline = .max
        if timer.isQueued { self.unlink(timer) }
    }

    /// Fires what is due at `now`.
    public func advance(to now: MonotonicTime) {
        let end = now.nanoseconds >> Self.tickShift
        guard end >= self.current else { return }
        guard self.queued > 0 else {
            self.current = end + 1
            return
        }
        // After a long sleep one look at every slot is enough.
        let last = min(end, self.current + UInt64(Self.slots) - 1)
        var tick = self.current
        self.current = end + 1
        while tick <= last {
            self.work(slot: Int(tick) & (Self.slots - 1), end: end)
            tick += 1
        }
    }

    /// Nanoseconds from `now` until the next slot with timers; nil when there are none.
    public func wait(from now: MonotonicTime) -> UInt64? {
        guard self.queued > 0 else { return nil }
        let start = Int(self.current) & (Self.slots - 1)
        var passed = 0
        while passed < Self.slots {
            let slot = (start + passed) & (Self.slots - 1)
            let rest = self.occupied[slot >> 6] >> UInt64(slot & 63)
            if rest != 0 {
                passed += rest.trailingZeroBitCount
                break
            }
            passed += 64 - (slot & 63)
        }
        let due = (self.current + UInt64(passed)) << Self.tickShift
        return due > now.nanoseconds ? due - now.nanoseconds : 0
    }

    private static func tick(of deadline: UInt64) -> UInt64 {
        let (sum, over) = deadline.addingReportingOverflow((1 << Self.tickShift) - 1)
        return (over ? UInt64.max : sum) >> Self.tickShift
    }

    private func work(slot: Int, end: UInt64) {
        guard self.occupied[slot >> 6] >> UInt64(slot & 63) & 1 != 0 else { return }
        var timer = self.heads[slot]
        self.heads[slot] = nil
        self.occupied[slot >> 6] &= ~(1 << UInt64(slot & 63))
        var due: [DeadlineTimer] = []  // Timers are rare: this is no request's path.
        while let this = timer {
            timer = this.next
            this.next = nil
            this.isQueued = false
            self.queued -= 1
            if this.deadline == .max { continue }
            if Self.tick(of: this.deadline) <= end {
                due.append(this)
            } else {
                self.link(this, Self.tick(of: this.deadline))
            }
        }
        for timer in due where !timer.isQueued && timer.isSet && Self.tick(of: timer.deadline) <= end {
            timer.deadline = .max
            timer.owner?.timerFired(timer)
        }
    }

    private func link(_ timer: DeadlineTimer, _ tick: UInt64) {
        let slot = Int(truncatingIfNeeded: tick) & (Self.slots - 1)
        timer.tick = tick
        timer.isQueued = true
        timer.previous = nil
        timer.next = self.heads[slot]
        timer.next?.previous = timer
        self.heads[slot] = timer
        self.occupied[slot >> 6] |= 1 << UInt64(slot & 63)
        self.queued += 1
    }

    private func unlink(_ timer: DeadlineTimer) {
        let slot = Int(truncatingIfNeeded: timer.tick) & (Self.slots - 1)
        if let previous = timer.previous {
            previous.next = timer.next
        } else {
            self.heads[slot] = timer.next
        }
        timer.next?.previous = timer.previous
        timer.next = nil
        timer.previous = nil
        timer.isQueued = false
        self.queued -= 1
        if self.heads[slot] == nil { self.occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
    }
}
