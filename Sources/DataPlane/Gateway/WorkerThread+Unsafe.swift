internal import CLinux
internal import Glibc

/// The operating system thread of a worker.
enum WorkerThread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread, which ends with it. Signals are the control thread's.
    ///
    /// - Returns: Whether there was room for another thread.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        // SAFETY: retained here, released by the thread that takes it over, or here when there is none.
        let start = Unmanaged.passRetained(Start(name, body))
        var handle = pthread_t()
        guard pthread_create(&handle, nil, { WorkerThread.main($0) }, start.toOpaque()) == 0 else {
            start.release()
            return false
        }
        pthread_detach(handle)
        return true
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        // SAFETY: `start` retained it for us.
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        postern_name_thread(start.name)
        start.body()
        return nil
    }
}
