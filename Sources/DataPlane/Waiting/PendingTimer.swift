internal import Filtering
internal import Primitives
internal import Reactor

/// A filter's timer.
final class PendingTimer: PendingWork {
    private let fire: () -> Void
    private let timer = DeadlineTimer()

    init(_ worker: Worker, _ stream: FilterStream?, nanoseconds: UInt64, _ fire: @escaping () -> Void) {
        self.fire = fire
        super.init(worker, stream)
        self.timer.owner = self
        worker.loop.timers.set(self.timer, at: worker.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    override func timerFired(_ timer: DeadlineTimer) {
        self.finish()
        self.fire()
    }

    override func cancel() { self.home.loop.timers.remove(self.timer) }
}
