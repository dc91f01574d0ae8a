internal import Glibc
internal import Primitives
internal import Synchronization

/// The thread that writes what workers record: it looks every 100 ms, and at once when woken through a pipe.
final class TelemetryThread: Sendable {
    private let readDescriptor: Int32
    /// Non-blocking; a byte in it wakes the thread. -1 when there was no descriptor left: then it only polls.
    let wakeDescriptor: Int32
    private let isStopping = Atomic<Bool>(false)
    private let thread = Lock<pthread_t?>(nil)

    /// How long a record waits at most, in milliseconds.
    private static let interval: Int32 = 100

    init() {
        var ends: [Int32] = [-1, -1]
        // `pipe2` is not visible from Swift without a C module.
        if pipe(&ends) != 0 { ends = [-1, -1] }
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.readDescriptor = ends[0]
        self.wakeDescriptor = ends[1]
    }

    deinit {
        if self.readDescriptor >= 0 {
            close(self.readDescriptor)
            close(self.wakeDescriptor)
        }
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(self.wakeDescriptor, &one, 8)
    }

    /// What the thread is handed.
    private final class Start {
        let thread: TelemetryThread
        let turn: @Sendable () -> Void
        init(_ thread: TelemetryThread, _ turn: @escaping @Sendable () -> Void) {
            self.thread = thread
            self.turn = turn
        }
    }

    /// Starts the thread, which calls `turn` until ``stop()``.
    func start(_ turn: @escaping @Sendable () -> Void) {
        // SAFETY: the reference is retained here and released by the thread that takes it over, or here when
        // there is no thread.
        let start = Unmanaged.passRetained(Start(self, turn))
        self.thread.withLock { thread in
            var handle = pthread_t()
            let status = pthread_create(&handle, nil, { TelemetryThread.main($0) }, start.toOpaque())
            if status == 0 { thread = handle } else { start.release() }
        }
    }

    /// Ends the thread after the turn it is in; returns when it has ended. Harmless when it never started.
    func stop() {
        self.isStopping.store(true, ordering: .releasing)
        self.wake()
        let handle = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let handle { pthread_join(handle, nil) }
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        // SAFETY: `start` retained it for us.
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        // Signals are for the control thread.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        while !start.thread.isStopping.load(ordering: .acquiring) {
            start.thread.sleep()
            start.turn()
        }
        return nil
    }

    private func sleep() {
        var descriptor = pollfd(fd: self.readDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Self.interval) > 0 else { return }
        // SAFETY: the buffer is as long as it is said to be, and lives until the read returns.
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { bytes in
            while read(self.readDescriptor, bytes.baseAddress, 256) == 256 {}
        }
    }
}
