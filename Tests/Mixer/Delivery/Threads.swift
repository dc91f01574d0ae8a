import Glibc
import Synchronization

/// Runs `body` on `count` threads at once and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Job: Sendable {
        let body: @Sendable (Int) -> Void
        let index: Int
        init(_ body: @escaping @Sendable (Int) -> Void, _ index: Int) {
            self.body = body
            self.index = index
        }
    }
    var handles: [pthread_t] = []
    for index in 0..<count {
        var handle = pthread_t()
        let job = Unmanaged.passRetained(Job(body, index)).toOpaque()
        let status = pthread_create(
            &handle, nil,
            { context in
                if let context {
                    let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
                    job.body(job.index)
                }
                return nil
            }, job)
        if status == 0 { handles.append(handle) }
    }
    for handle in handles { pthread_join(handle, nil) }
}

/// Holds threads until it is opened.
final class Gate: Sendable {
    private let ends: (Int32, Int32)

    init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        self.ends = (ends[0], ends[1])
    }

    func wait() {
        var end = pollfd(fd: self.ends.0, events: Int16(POLLIN), revents: 0)
        while poll(&end, 1, 1000) <= 0 {}
    }

    func open() {
        var one: UInt8 = 1
        _ = write(self.ends.1, &one, 1)
    }
}
