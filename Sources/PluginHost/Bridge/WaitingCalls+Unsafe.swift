internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call to wait for time, descriptors and blocking work.

private let ok = postern_status(POSTERN_OK)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)

func waitingInterface() -> postern_waiting_interface {
    var table = postern_waiting_interface()
    table.size = MemoryLayout<postern_waiting_interface>.size
    table.set_timer = { waiter, delay, wake, out in
        guard let waiter = Waiter(waiter), let wake else { return badArgument }
        var number: PendingID?
        let begun = waiter.worker.setTimer(delay, for: waiter.stream) {
            let (stream, state) = waiter.arrive(number)
            wake(waiter.call.user, stream, state)
        }
        number = begun
        waiter.began(begun, out)
        return ok
    }
    table.watch = { waiter, descriptor, ready, out in
        guard let waiter = Waiter(waiter), waiter.stream == nil, let ready else { return badArgument }
        let begun = waiter.worker.watch(descriptor) {
            ready(waiter.call.user, postern_descriptor_events($0.rawValue))
        }
        guard let begun else { return postern_status(POSTERN_FAILURE) }
        waiter.began(begun, out)
        return ok
    }
    table.cancel = { pointer, pending in
        guard var waiter = pointer?.pointee else { return }
        waiter.release = nil  // Nothing is handed over with a cancellation.
        guard let waiter = Waiter(&waiter) else { return }
        let id = PendingID(rawValue: pending)
        waiter.context?.pending.remove(id)
        waiter.worker.cancel(id)
    }
    table.offload = { waiter, work, done in
        guard let waiter = Waiter(waiter), let header = waiter.header, let work else { return badArgument }
        if header.pointee.id == 0 { header.pointee.id = StreamDirectory.shared.register(header) }
        let id = header.pointee.id
        let call = waiter.call
        let isQueued = waiter.config.host.offload {
            work(call.user)
            StreamDirectory.shared.post(id, PostedCall(work: done, keeping: call))
        }
        return isQueued ? ok : postern_status(POSTERN_TOO_LARGE)
    }
    table.now_ns = { waiter in Waiter.worker(of: waiter)?.now.nanoseconds ?? 0 }
    table.wall_time_ns = { waiter in
        Int64(clamping: Waiter.worker(of: waiter)?.wallTime.nanosecondsSinceEpoch ?? 0)
    }
    return table
}

extension Waiter {
    /// The worker alone; nothing is handed over.
    fileprivate static func worker(of pointer: UnsafePointer<postern_waiter>?) -> FilterWorker? {
        guard var waiter = pointer?.pointee else { return nil }
        waiter.release = nil
        return Waiter(&waiter)?.worker
    }
}
