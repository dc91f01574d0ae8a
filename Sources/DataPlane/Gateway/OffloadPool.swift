internal import CLinux
internal import Glibc
internal import Primitives

/// Threads for work of filters that may block: password hashes, files, libraries that know no waiting.
///
/// The threads are made when work first comes. What they run tells its worker by posting to the stream.
final class OffloadPool: Sendable {
    typealias Work = @Sendable () -> Void

    static let threads = 4
    /// Pieces of work that may wait for a thread.
    static let queueLimit = 1024

    private struct State {
        var queue: [Work] = []
        var isStarted = false
    }

    private let state = Lock(State())
    /// Counts the pieces of work in the queue; a thread takes one and then the piece.
    private let tickets: Int32

    init() { self.tickets = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_SEMAPHORE)) }

    /// - Returns: false when the queue is full or no thread can be had.
    func run(_ work: @escaping Work) -> Bool {
        let isQueued = self.state.withLock { state in
            if !state.isStarted {
                state.isStarted = self.startThreads()
                if !state.isStarted { return false }
            }
            guard state.queue.count < Self.queueLimit else { return false }
            state.queue.append(work)
            return true
        }
        if isQueued { eventfd_write(self.tickets, 1) }
        return isQueued
    }

    private func startThreads() -> Bool {
        guard self.tickets >= 0 else { return false }
        var isAnyStarted = false
        for index in 0..<Self.threads {
            let didStart = WorkerThread.start(name: "offload-\(index)") { self.serve() }
            isAnyStarted = isAnyStarted || didStart
        }
        return isAnyStarted
    }

    private func serve() {
        while true {
            var ticket: eventfd_t = 0
            if eventfd_read(self.tickets, &ticket) != 0 { continue }
            let work = self.state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
            work?()
        }
    }
}
