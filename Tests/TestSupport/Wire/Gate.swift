internal import Foundation
internal import Synchronization

/// Holds a thread of a test until another opens it; it stays open.
public final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let waiting = Atomic<Int>(0)
    private let opened = Atomic<Bool>(false)

    public init() {}

    public func open() {
        self.opened.store(true, ordering: .releasing)
        self.semaphore.signal()
    }

    public var isOpen: Bool { self.opened.load(ordering: .acquiring) }

    /// - Throws: ``WireError`` when nobody opens it within a minute.
    public func wait() throws {
        self.waiting.add(1, ordering: .relaxed)
        guard self.semaphore.wait(timeout: .now() + 60) == .success else {
            throw WireError(.timedOut, "the gate was not opened")
        }
        self.semaphore.signal()
    }

    /// Whether a thread has come to ``wait()``.
    public var isWaitedFor: Bool { self.waiting.load(ordering: .relaxed) > 0 }
}
