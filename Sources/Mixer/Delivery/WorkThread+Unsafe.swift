internal import Glibc
internal import Primitives
internal import Synchronization

/// A thread that takes turns: after each it sleeps as long as the turn said, or until it is woken.
final class WorkThread: Sendable {
    private let readDescriptor: Int32
    /// Non-blocking; bytes in it wake the thread. -1 when there was no descriptor left: then it polls.
    let wakeDescriptor: Int32
    private let endedRead: Int32
    private let endedWrite: Int32
    private let isSignalled = Atomic<Bool>(false)
    private let isStarted = Atomic<Bool>(false)

    /// How long the thread sleeps at most when it cannot be woken, in milliseconds.
    private static let unwoken: Int32 = 20

    init() {
        (self.readDescriptor, self.wakeDescriptor) = Self.pipe()
        (self.endedRead, self.endedWrite) = Self.pipe()
    }

    deinit {
        for end in [self.readDescriptor, self.wakeDescriptor, self.endedRead, self.endedWrite] where end >= 0
        {
            close(end)
        }
    }

    private static func pipe() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        // `pipe2` is not visible from Swift without a C module.
        guard Glibc.pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        return (ends[0], ends[1])
    }

    /// Makes the thread take a turn soon. From any thread, and from signal handlers.
    func wake() {
        guard !self.isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt8 = 1
        _ = write(self.wakeDescriptor, &one, 1)
    }

    /// What the thread is handed.
    private final class Start {
        let thread: WorkThread
        let turn: @Sendable () -> Int32?
        init(_ thread: WorkThread, _ turn: @escaping @Sendable () -> Int32?) {
            self.thread = thread
            self.turn = turn
        }
    }

    /// Starts the thread; once.
    ///
    /// - Parameter turn: Returns how many milliseconds to sleep at most; nil ends the thread.
    /// - Returns: false when there is no thread.
    @discardableResult
    func start(_ turn: @escaping @Sendable () -> Int32?) -> Bool {
        guard !self.isStarted.exchange(true, ordering: .acquiringAndReleasing) else { return true }
        // SAFETY: the reference is retained here and released by the thread that takes it over, or here when
        // there is no thread.
        let start = Unmanaged.passRetained(Start(self, turn))
        var handle = pthread_t()
        let status = pthread_create(&handle, nil, { WorkThread.main($0) }, start.toOpaque())
        guard status == 0 else {
            start.release()
            self.isStarted.store(false, ordering: .releasing)
            return false
        }
        pthread_detach(handle)
        return true
    }

    /// Waits until the thread has ended.
    ///
    /// - Returns: false when it is still at work; true also when it never started.
    func waitUntilEnded(milliseconds: Int32) -> Bool {
        guard self.isStarted.load(ordering: .acquiring) else { return true }
        let end = MonotonicTime.now().advanced(byNanoseconds: UInt64(max(milliseconds, 0)) * 1_000_000)
        while true {
            var descriptor = pollfd(fd: self.endedRead, events: Int16(POLLIN), revents: 0)
            let left = end.since(.now()) / 1_000_000
            if poll(&descriptor, 1, Int32(clamping: left)) > 0 { return true }
            if left == 0 { return false }
        }
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        // SAFETY: `start` retained it for us.
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        // Signals are for the control thread.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        while let pause = start.turn() { start.thread.sleep(pause) }
        var one: UInt8 = 1
        _ = write(start.thread.endedWrite, &one, 1)
        return nil
    }

    private func sleep(_ milliseconds: Int32) {
        let longest = self.readDescriptor < 0 ? min(milliseconds, Self.unwoken) : milliseconds
        var descriptor = pollfd(fd: self.readDescriptor, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, longest) > 0 {
            // SAFETY: the buffer is as long as it is said to be, and lives until the read returns.
            withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { bytes in
                while read(self.readDescriptor, bytes.baseAddress, 256) == 256 {}
            }
        }
        _ = self.isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }
}
