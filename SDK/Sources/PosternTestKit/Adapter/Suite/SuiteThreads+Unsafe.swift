internal import Glibc

/// Threads that a suite starts, and what it sees in them.
enum SuiteThreads {
    private final class Work: @unchecked Sendable {
        // SAFETY: run once, by one thread, while `run` below waits for that.
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Runs `body` so often at once, and waits until all have returned.
    static func run(_ count: Int, _ body: (Int) -> Void) {
        // SAFETY: no thread outlives the closure.
        withoutActuallyEscaping(body) { body in
            let threads = (0..<count).compactMap { number -> pthread_t? in
                var thread = pthread_t()
                let work = Unmanaged.passRetained(Work { body(number) })
                let status = pthread_create(
                    &thread, nil,
                    { work in
                        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                        return nil
                    }, work.toOpaque())
                if status == 0 { return thread }
                work.release()
                return nil
            }
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    /// Runs `body` on a thread with a table of descriptors of its own, so that those of other tests are not
    /// seen; `count` in it says how many are open. Nil when the system allows no such thread.
    static func withOwnDescriptors(_ body: (_ count: () -> Int?) -> Void) {
        self.run(1) { _ in
            let isAlone = Self.unshareDescriptors()
            body { isAlone ? Self.openDescriptors() : nil }
        }
    }

    /// unshare(2), which Swift's view of the C library lacks, with CLONE_FILES.
    private static func unshareDescriptors() -> Bool {
        guard let found = dlsym(nil, "unshare") else { return false }
        // SAFETY: that is its type.
        return unsafeBitCast(found, to: (@convention(c) (Int32) -> Int32).self)(0x400) == 0
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/thread-self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// A moment for the backend.
    static func pause() { usleep(10_000) }
}
