internal import Filtering
internal import Primitives
internal import Upstreams

// What filters wait for, kept by the worker.

/// Pending work of one worker, by number.
struct PendingTable {
    private var all: [PendingID: PendingWork] = [:]
    private var made: UInt64 = 0

    mutating func nextID() -> PendingID {
        self.made += 1
        return PendingID(rawValue: self.made)
    }

    mutating func insert(_ work: PendingWork) { self.all[work.id] = work }
    mutating func remove(_ id: PendingID) -> PendingWork? { self.all.removeValue(forKey: id) }
}

extension Worker {
    func nextPendingID() -> PendingID { self.pending.nextID() }

    func forget(_ work: PendingWork) { _ = self.pending.remove(work.id) }

    private func keep(_ work: PendingWork) -> PendingID {
        self.pending.insert(work)
        work.owner?.pending.append(work.id)
        return work.id
    }

    /// A request to one endpoint of a service, and to no other.
    func probe(_ callout: Callout, at address: String, _ done: @escaping (CalloutResult) -> Void)
        -> PendingID?
    {
        guard let pool = self.pool(named: callout.service) else { return nil }
        let endpoint = EndpointOverride(address: address, isStrict: true)
        let work = PendingCallout(self, nil, callout, pool, at: endpoint, done)
        let id = self.keep(work)
        work.start()
        return id
    }

    func begin(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? {
        guard let pool = self.pool(named: callout.service) else { return nil }
        let work = PendingCallout(self, stream, callout, pool, done)
        let id = self.keep(work)
        work.start()
        return id
    }

    func beginTimer(_ nanoseconds: UInt64, for stream: FilterStream?, _ fire: @escaping () -> Void)
        -> PendingID
    {
        self.keep(PendingTimer(self, stream, nanoseconds: nanoseconds, fire))
    }

    func beginWatch(_ descriptor: Int32, _ ready: @escaping (DescriptorEvents) -> Void) -> PendingID? {
        (try? DescriptorWatch(self, descriptor, ready)).map { self.keep($0) }
    }

    func end(_ id: PendingID) {
        guard let work = self.pending.remove(id) else { return }
        work.cancel()
        work.finish()
    }
}
