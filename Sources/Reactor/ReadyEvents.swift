internal import CLinux

/// What the kernel says of a descriptor.
public struct ReadyEvents: OptionSet, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, a connection or the end of input can be read.
    public static let readable = ReadyEvents(rawValue: EPOLLIN.rawValue)
    /// There is room to write, or a connect has ended.
    public static let writable = ReadyEvents(rawValue: EPOLLOUT.rawValue)
    /// The peer will send no more.
    public static let endOfInput = ReadyEvents(rawValue: EPOLLRDHUP.rawValue)
    /// An error is pending, or both directions are closed.
    public static let failure = ReadyEvents(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Something that owns a descriptor in a loop, or a timer of it. All calls come from the loop's thread.
open class EventHandler {
    /// Whether ``flush()`` will be called after the present call; kept by ``EventLoop/flushSoon(_:)``.
    @usableFromInline final var isFlushDue = false
    /// Many events of a turn may each leave it something to flush: it is flushed behind the last of them.
    public final var gathersTurn = false
    /// Whether it does not wait for that; kept by ``EventLoop/flushNow(_:)``.
    @usableFromInline final var isFlushUrgent = false
    /// Whether ``proceed()`` will be called in the next turn; kept by ``EventLoop/proceedSoon(_:)``.
    final var isProceedDue = false

    public init() {}

    /// The descriptor is ready. Edge triggered: said once, until the state changes again.
    open func ready(_ events: ReadyEvents) {}

    /// What was asked for with ``EventLoop/flushSoon(_:)``: write out what has gathered.
    open func flush() {}

    /// What was asked for with ``EventLoop/proceedSoon(_:)``: go on with work that was put off.
    open func proceed() {}

    /// `timer`, which this handler owns, has run out.
    open func timerFired(_ timer: DeadlineTimer) {}
}
