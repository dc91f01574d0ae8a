internal import CLinux
internal import Glibc

/// The kernel's readiness interface: epoll behind a seam narrow enough for another.
final class Poller {
    private static let batch = 256
    private let descriptor: Int32
    // SAFETY: room for `batch` events, owned here, freed in deinit, used by the loop's thread only.
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws {
        self.descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        self.events = .allocate(capacity: Self.batch)
        if self.descriptor < 0 { throw SocketError(operation: "epoll_create1", code: errno) }
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
        self.events.deallocate()
    }

    func add(_ descriptor: Int32, _ handler: EventHandler) throws {
        try self.control(
            descriptor, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue, handler
        )
    }

    func addShared(_ descriptor: Int32, _ handler: EventHandler) throws {
        try self.control(descriptor, EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue, handler)
    }

    func watch(
        _ descriptor: Int32, _ handler: EventHandler, readable: Bool, writable: Bool, isKnown: Bool
    ) throws {
        let events = (readable ? EPOLLIN.rawValue : 0) | (writable ? EPOLLOUT.rawValue : 0)
        try self.control(descriptor, events, handler, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD)
    }

    func remove(_ descriptor: Int32) { epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, nil) }

    private func control(
        _ descriptor: Int32, _ events: UInt32, _ handler: EventHandler, _ operation: Int32 = EPOLL_CTL_ADD
    ) throws {
        var event = epoll_event()
        event.events = events
        // SAFETY: unretained; whoever registers keeps the handler alive until the descriptor is removed and
        // then for the rest of the turn (`EventLoop.retire`), so `deliver` never sees a dead one.
        event.data.ptr = Unmanaged.passUnretained(handler).toOpaque()
        if epoll_ctl(self.descriptor, operation, descriptor, &event) != 0 {
            throw SocketError(operation: "epoll_ctl", code: errno)
        }
    }

    /// Waits for events; nil waits for ever.
    ///
    /// - Returns: How many to ``deliver(_:)``.
    func wait(nanoseconds: UInt64?) -> Int {
        // Rounded up, so that a timer is not waited for in a spin.
        let milliseconds = nanoseconds.map { Int32(min(($0 + 999_999) / 1_000_000, 1_000_000)) } ?? -1
        let count = epoll_wait(self.descriptor, self.events, Int32(Self.batch), milliseconds)
        return count > 0 ? Int(count) : 0
    }

    func deliver(_ index: Int) {
        let event = self.events[index]
        guard let pointer = event.data.ptr else { return }
        // SAFETY: see `control`; no reference is counted for the call.
        Unmanaged<EventHandler>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
            $0.ready(ReadyEvents(rawValue: event.events))
        }
    }
}
