internal import Primitives
internal import Reactor

// Requests for which no connection has room, and those that wait for one that is being made.

extension ServicePool {
    func enqueue(
        _ sink: UpstreamSink, _ tried: TriedEndpoints, for connection: UpstreamConnection? = nil
    ) -> Acquired {
        guard self.waiting.count < Self.waitingLimit else { return .failed(UpstreamError(.poolFull)) }
        let deadline = self.loop.now.advanced(byNanoseconds: self.limits.connect)
        self.waiting.append(WaitingRequest(sink, until: deadline, tried: tried, for: connection))
        if connection == nil {
            self.waitingForAny += 1
            self.limitWait(deadline)
        }
        return .waiting
    }

    /// The request is no longer wanted.
    public func cancel(_ sink: UpstreamSink) {
        guard !self.waiting.isEmpty, let index = self.waiting.firstIndex(where: { $0.sink === sink }) else {
            return
        }
        self.takeWaiting(index)
    }

    @discardableResult
    func takeWaiting(_ index: Int) -> WaitingRequest {
        let entry = self.waiting.remove(at: index)
        if entry.connection == nil { self.waitingForAny -= 1 }
        return entry
    }

    /// - Returns: nil when it has to wait on.
    func pick(for entry: WaitingRequest) -> Acquired? {
        if entry.deadline <= self.loop.now { return .failed(UpstreamError(self.reasonToWait)) }
        if let slot = entry.slot, self.balancer.isMember(slot),
            let acquired = try? self.take(self.endpoints[slot], entry.sink, entry.tried)
        {
            return acquired
        }
        if entry.isStrict { return .failed(UpstreamError(.noEndpoint)) }
        return self.pick(entry.sink, excluding: entry.tried, random: &self.random)
    }

    /// Why those that wait for any connection do.
    var reasonToWait: UpstreamError.Code {
        self.balancer.memberCount == 0 ? self.absence : .poolFull
    }

    /// Fails those whose time is over; who waits for a connection that is being made has its time.
    func failWaiting(before now: MonotonicTime?, _ code: UpstreamError.Code) {
        while let index = self.waiting.firstIndex(where: { entry in
            now.map { entry.connection == nil && entry.deadline <= $0 } ?? true
        }) {
            let entry = self.takeWaiting(index)
            entry.sink.failed(entry.failure?.final ?? UpstreamError(code), unsent: nil)
        }
    }

    /// Those that wait for any connection are looked at then, unless that is to be sooner.
    func limitWait(_ deadline: MonotonicTime) {
        let timer = self.timer ?? DeadlineTimer(owner: self)
        self.timer = timer
        if !timer.isSet { self.loop.timers.set(timer, at: deadline) }
    }
}
