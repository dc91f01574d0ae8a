internal import CLinux
internal import Glibc
internal import Primitives

/// Work that other threads send to a loop. Not for the request path: sending locks and allocates.
public final class Mailbox: EventHandler, @unchecked Sendable {
    // SAFETY: `letters` is guarded by its mutex and the descriptor never changes; the inherited state is
    // touched by the loop's thread only.
    let descriptor: Int32
    private let letters = Lock<[@Sendable () -> Void]>([])

    private init(descriptor: Int32) { self.descriptor = descriptor }

    static func make() throws -> Mailbox {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        if descriptor < 0 { throw SocketError(operation: "eventfd", code: errno) }
        return Mailbox(descriptor: descriptor)
    }

    deinit { close(self.descriptor) }

    /// Runs `work` on the loop's thread, in the order sent. From any thread.
    public func send(_ work: @escaping @Sendable () -> Void) {
        let isFirst = self.letters.withLock {
            $0.append(work)
            return $0.count == 1
        }
        if isFirst { eventfd_write(self.descriptor, 1) }
    }

    public override func ready(_ events: ReadyEvents) {
        var count: eventfd_t = 0
        eventfd_read(self.descriptor, &count)
        let work = self.letters.withLock {
            let all = $0
            $0.removeAll(keepingCapacity: true)
            return all
        }
        for letter in work { letter() }
    }
}
