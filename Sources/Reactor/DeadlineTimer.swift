/// A timer in a loop's ``TimerWheel``, owned by a handler and set again and again.
///
/// Moving a deadline later only stores a number; the wheel finds out when the old one comes. So a timeout
/// that every request pushes on costs a store a request.
public final class DeadlineTimer {
    // SAFETY: an owner removes its timer before it goes, or cancels it and keeps it.
    /// Told by `timerFired(_:)`; must outlive the timer or remove it from the wheel.
    public unowned(unsafe) var owner: EventHandler?
    /// Nanoseconds of the monotonic clock; `UInt64.max` when not set.
    public internal(set) var deadline: UInt64 = .max
    /// The tick under which the wheel keeps it; meaningless while `isQueued` is false.
    var tick: UInt64 = 0
    var isQueued = false
    var next: DeadlineTimer?
    unowned(unsafe) var previous: DeadlineTimer?

    public init(owner: EventHandler? = nil) { self.owner = owner }

    public var isSet: Bool { self.deadline != .max }

    func clear() { self.deadline = .max }
}
