internal import Filtering
internal import Reactor

/// Something that a filter waits for in one worker: a callout, a timer or a watched descriptor.
///
/// The worker keeps it until it happens or is cancelled; one that was asked for with a stream is cancelled
/// when that stream ends, so nothing is ever called for a stream that is over.
class PendingWork: EventHandler {
    let id: PendingID
    let home: Worker
    // SAFETY: a stream cancels its pending work before it is used for another request, or goes.
    final unowned(unsafe) var owner: FilterStream?

    init(_ worker: Worker, _ owner: FilterStream?) {
        self.id = worker.nextPendingID()
        self.home = worker
        self.owner = owner
    }

    /// Lets go of everything without telling anybody.
    func cancel() {}

    /// It has happened, or never will: nobody waits for it any more.
    final func finish() {
        self.owner?.pending.removeAll { $0 == self.id }
        self.home.forget(self)
        self.home.loop.retire(self)
    }
}
