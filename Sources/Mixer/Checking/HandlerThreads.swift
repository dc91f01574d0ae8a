internal import Primitives

/// Threads for checks and quotas of a handler that may block. They end with the last reference.
public final class HandlerThreads: Sendable {
    typealias Work = @Sendable () -> Void

    /// What the threads share; it does not keep the threads' owner.
    private final class Queue: Sendable {
        struct State {
            var waiting: [Work] = []
            /// Threads with nothing to do.
            var idle: [Int] = []
            var isStopped = false
        }
        let state = Lock(State())

        /// - Returns: nil when there is nothing to do; `isStopped` says whether there ever will be.
        func next(for thread: Int) -> (work: Work?, isStopped: Bool) {
            self.state.withLock { state in
                if !state.waiting.isEmpty { return (state.waiting.removeFirst(), false) }
                if !state.idle.contains(thread) { state.idle.append(thread) }
                return (nil, state.isStopped)
            }
        }
    }

    private let queue = Queue()
    private let threads: [WorkThread]
    /// Pieces of work that may wait.
    static let queueLimit = 4096

    /// - Parameter count: 1 or more.
    public init(count: Int) {
        self.threads = (0..<max(count, 1)).map { _ in WorkThread() }
        for (number, thread) in self.threads.enumerated() {
            thread.start { [queue = self.queue] in
                while true {
                    let (work, isStopped) = queue.next(for: number)
                    guard let work else { return isStopped ? nil : 1000 }
                    work()
                }
            }
        }
    }

    deinit {
        self.queue.state.withLock { $0.isStopped = true }
        for thread in self.threads { thread.wake() }
    }

    /// Runs `work` on one of the threads.
    ///
    /// - Returns: false when too much waits already.
    func run(_ work: @escaping Work) -> Bool {
        let (isTaken, thread) = self.queue.state.withLock { state -> (Bool, Int?) in
            guard state.waiting.count < Self.queueLimit else { return (false, nil) }
            state.waiting.append(work)
            return (true, state.idle.popLast())
        }
        if let thread { self.threads[thread].wake() }
        return isTaken
    }
}
