internal import Primitives
internal import Reactor

// Requests that wait for a connection.

extension ServicePool {
    /// Those who wait for `connection` are served in this turn: there, or after `error` elsewhere.
    func release(_ connection: UpstreamConnection, _ error: UpstreamError?) {
        for index in self.waiting.indices where self.waiting[index].connection === connection {
            self.waiting[index].connection = nil
            self.waiting[index].failure = error
            self.waiting[index].slot = error == nil ? connection.endpoint.slot : nil
            if error != nil {
                self.waiting[index].tried.insert(connection.endpoint.slot)
                self.waiting[index].deadline = self.loop.now.advanced(byNanoseconds: self.limits.connect)
            }
            self.waitingForAny += 1
            self.limitWait(self.waiting[index].deadline)
        }
        self.roomChanged()
    }

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
    private func takeWaiting(_ index: Int) -> WaitingRequest {
        let entry = self.waiting.remove(at: index)
        if entry.connection == nil { self.waitingForAny -= 1 }
        return entry
    }

    func serveWaiting() {
        while let index = self.waiting.firstIndex(where: { $0.connection == nil }) {
            // Taken out first: it may have to wait again, for a certain connection.
            let entry = self.takeWaiting(index)
            guard let acquired = self.pick(for: entry) else {
                self.waiting.insert(entry, at: index)
                self.waitingForAny += 1
                return
            }
            switch acquired {
            case .stream(let stream): entry.sink.available(stream)
            case .failed(let error): entry.sink.failed(entry.failure?.final ?? error, unsent: nil)
            case .waiting:
                // Its time goes on, however many connections it waits for.
                self.waiting[self.waiting.count - 1].deadline = entry.deadline
                self.waiting[self.waiting.count - 1].isStrict = entry.isStrict
            }
        }
    }

    /// - Returns: nil when it has to wait on.
    private func pick(for entry: WaitingRequest) -> Acquired? {
        if entry.deadline <= self.loop.now { return .failed(UpstreamError(self.reasonToWait)) }
        if let slot = entry.slot, self.balancer.isMember(slot),
            let acquired = try? self.take(self.endpoints[slot], entry.sink, entry.tried)
        {
            return acquired
        }
        if entry.isStrict { return .failed(UpstreamError(.noEndpoint)) }
        return self.pick(entry.sink, excluding: entry.tried, random: &self.random)
    }

    func waitingTimedOut() {
        self.failWaiting(before: self.loop.now, self.reasonToWait)
        let next = self.waiting.lazy.filter { $0.connection == nil }.map(\.deadline).min()
        if let next { self.limitWait(next) }
    }

    /// Why those that wait for any connection do.
    private var reasonToWait: UpstreamError.Code {
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
    private func limitWait(_ deadline: MonotonicTime) {
        let timer = self.timer ?? DeadlineTimer(owner: self)
        self.timer = timer
        if !timer.isSet { self.loop.timers.set(timer, at: deadline) }
    }
}

extension UpstreamError {
    /// The same when every endpoint was tried.
    fileprivate var final: UpstreamError { UpstreamError(self.code) }
}
