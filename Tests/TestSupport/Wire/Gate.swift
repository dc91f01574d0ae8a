internal import Foundation

/// Holds threads back until a test lets them go on.
public final class Gate: Sendable {
    private let condition = NSCondition()
    private nonisolated(unsafe) var isOpen = false
    private nonisolated(unsafe) var waiting = 0

    public init() {}

    /// Waits until ``open()``, 20 seconds at most.
    public func wait() {
        self.condition.withLock {
            self.waiting += 1
            let deadline = Date(timeIntervalSinceNow: 20)
            while !self.isOpen, self.condition.wait(until: deadline) {}
        }
    }

    /// Whether a thread has come to ``wait()``.
    public var isWaitedFor: Bool { self.condition.withLock { self.waiting > 0 } }

    /// Lets all go on, now and later.
    public func open() {
        self.condition.withLock {
            self.isOpen = true
            self.condition.broadcast()
        }
    }
}
