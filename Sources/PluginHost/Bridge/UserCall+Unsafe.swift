internal import CPosternABI
internal import Filtering

/// What a plugin handed over with something that it waits for; released with the last reference, in every
/// case.
final class UserCall: @unchecked Sendable {
    // SAFETY: immutable; postern_async.h lets `release` run on any thread, and plugins are never unloaded.
    let user: UnsafeMutableRawPointer?
    private let release: postern_release?

    init(_ waiter: postern_waiter) {
        self.user = waiter.user_plug
        self.release = waiter.release
    }

    deinit { self.release?(self.user) }
}

/// One filter in one worker, as `postern_worker_host` names it.
final class WorkerContext {
    let worker: FilterWorker
    let config: ConfigContext
    /// What the filter waits for without a stream.
    var pending: Set<PendingID> = []

    init(_ worker: FilterWorker, _ config: ConfigContext) {
        self.worker = worker
        self.config = config
    }

    /// The filter leaves the worker.
    func end() {
        for id in self.pending { self.worker.cancel(id) }
        self.pending = []
    }
}

/// On whose behalf a plugin waits: a stream or a worker.
struct Waiter {
    let call: UserCall
    let worker: FilterWorker
    let config: ConfigContext
    /// With a stream; both live until the host has forgotten what the stream waits for.
    let stream: FilterStream?
    let header: UnsafeMutablePointer<StreamHeader>?
    /// Without one.
    let context: WorkerContext?

    /// Nil unless exactly one of stream and worker is set, and alive; what the plugin handed over is released
    /// then. Of one without its `size` nothing can be read.
    init?(_ pointer: UnsafePointer<postern_waiter>?) {
        guard let waiter = pointer?.pointee, waiter.size >= POSTERN_WAITER_SIZE_1_0 else { return nil }
        self.call = UserCall(waiter)
        if let header = liveHeader(waiter.stream), waiter.worker == nil {
            let stream = header.pointee.stream.takeUnretainedValue()
            self.header = header
            self.stream = stream
            self.worker = stream.worker
            self.config = header.pointee.filter.takeUnretainedValue().configContext
            self.context = nil
        } else if waiter.stream == nil, let worker = waiter.worker {
            // SAFETY: NativePlace keeps the context until worker_destroy has returned.
            let context = Unmanaged<WorkerContext>.fromOpaque(UnsafeRawPointer(worker)).takeUnretainedValue()
            self.header = nil
            self.stream = nil
            self.worker = context.worker
            self.config = context.config
            self.context = context
        } else {
            return nil
        }
    }

    /// Remembers what the worker's filter waits for, and tells the plugin its number.
    func began(_ id: PendingID, _ out: UnsafeMutablePointer<postern_pending>?) {
        self.context?.pending.insert(id)
        out?.pointee = id.rawValue
    }

    /// What a callback is given; prepares the stream for what the plugin may do there.
    func arrive(_ id: PendingID?) -> (stream: OpaquePointer?, state: UnsafeMutableRawPointer?) {
        if let id { self.context?.pending.remove(id) }
        guard let header = self.header else { return (nil, nil) }
        header.pointee.hasResponded = false
        header.pointee.isInBody = false
        return (opaque(header), UnsafeMutableRawPointer(header) + StreamHeader.bytes)
    }
}
