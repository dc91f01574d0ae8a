internal import Adapting
internal import CPosternABI
internal import Primitives
internal import Synchronization
internal import Telemetry

// A turn of the handler's thread.

extension HandlerDelivery {
    /// `tick` is called this often, in nanoseconds, with records or without: a little before the second that
    /// adapters were promised.
    private static let tickInterval: UInt64 = 900_000_000
    /// A backend's wish to be left alone is heeded up to this, in nanoseconds.
    private static let longestRest: UInt64 = 300_000_000_000

    /// Does what is due: at most one batch.
    ///
    /// - Returns: When the next turn is due at the latest; nil when it was the last.
    func turn() -> MonotonicTime? {
        self.work.withLock { work in
            if self.reopening.exchange(false, ordering: .acquiringAndReleasing) {
                self.handler.reopen()
            }
            let closing = MonotonicTime(nanoseconds: self.closing.load(ordering: .acquiring))
            let isClosing = closing.nanoseconds > 0
            if isClosing, !work.isClosing {
                work.isClosing = true
                work.awaitsSpool = false
                // Once more at once, whatever pause there was.
                work.nextTry = MonotonicTime(nanoseconds: 0)
                if self.options.metricInterval != nil { work.nextSeries = MonotonicTime(nanoseconds: 0) }
            }
            if isClosing { self.leaveToSuccessor(&work) }
            if self.isSpoolFree.exchange(false, ordering: .acquiringAndReleasing) {
                self.openSpool(&work, isHandedOver: true)
            } else if self.clock() >= work.nextOpening {
                self.openSpool(&work)
            }
            if self.clock() >= work.nextSeries { self.reportSeries(&work) }
            let left = self.fill(&work)
            let now = self.clock()
            let isDue = self.isDue(work, now, left: left)
            if isDue {
                self.report(&work, isLast: isClosing && left == 0)
                if isClosing, left == 0, work.batch.isEmpty {
                    self.giveUp()
                    return nil
                }
            }
            if self.clock().since(work.lastTick) >= Self.tickInterval {
                self.handler.tick()
                work.lastTick = self.clock()
            }
            if isClosing, self.clock() >= closing {
                // Of a spool nothing is lost: what is in the batch comes again in the next process.
                self.queue.withLock { $0.spool }?.commit(work.batch)
                self.giveUp()
                return nil
            }
            return self.nextTurn(work, isMore: isDue && left > 0, closing: isClosing ? closing : nil)
        }
    }

    /// Moves records into the batch, if it may grow.
    ///
    /// - Returns: How many are left in the queue.
    private func fill(_ work: inout sending DeliveryWork) -> Int {
        let wasEmpty = work.batch.isEmpty
        let (batch, isFrozen) = (work.batch, work.isFrozen || work.awaitsSpool)
        let spool = self.queue.withLock { state in
            batch.shapes = state.shapes
            if !isFrozen { state.memory.move(to: batch) }
            return state.memory.records == 0 ? state.spool : nil
        }
        if let spool, !isFrozen { self.fill(batch, from: spool) }
        let left = self.queue.withLock { state in
            self.note(batch, &state)
            return state.memory.records + (state.spool?.unread ?? 0)
        }
        if wasEmpty, !batch.isEmpty { work.batchDue = self.clock().advanced(by: self.options.batchInterval) }
        return left
    }

    private var takesReports: Bool { self.handler.templates.all.contains { $0.variety == .report } }

    private func note(_ batch: DeliveryBatch, _ state: inout QueueState) {
        state.batchRecords = batch.count
        state.batchFootprint = batch.footprint
        state.batchOldest = batch.oldestTime
        // What there is is the successor's.
        guard !state.isClosed else { return }
        self.metrics.showQueue(records: state.records, bytes: state.bytes)
    }

    private func isDue(_ work: DeliveryWork, _ now: MonotonicTime, left: Int) -> Bool {
        guard now >= work.nextTry else { return false }
        if work.isClosing { return !work.batch.isEmpty || left == 0 }
        guard !work.batch.isEmpty else { return false }
        return work.isFrozen || work.batch.attempt > 0 || work.batch.isFull || now >= work.batchDue
    }

    private func nextTurn(_ work: DeliveryWork, isMore: Bool, closing: MonotonicTime?) -> MonotonicTime {
        var next = min(
            work.nextSeries, work.nextOpening, work.lastTick.advanced(byNanoseconds: Self.tickInterval))
        if let closing {
            next = min(next, closing, work.batch.isEmpty && !isMore ? closing : work.nextTry)
        } else if !work.batch.isEmpty {
            let isReady = work.isFrozen || work.batch.attempt > 0 || work.batch.isFull
            next = min(next, isReady ? work.nextTry : max(work.batchDue, work.nextTry))
        } else if isMore {
            next = min(next, work.nextTry)
        }
        return next
    }

    /// Gives the batch to the handler, and does what became of it.
    private func report(_ work: inout sending DeliveryWork, isLast: Bool) {
        let batch = work.batch
        // Whom no records ever come for is not told of the last ones either.
        if batch.isEmpty, !self.takesReports { return }
        let handler = self.handler
        let end = self.closing.load(ordering: .acquiring)
        let (answer, unreadable) = batch.present(
            isLast: isLast, by: end > 0 ? MonotonicTime(nanoseconds: end) : nil
        ) { handler.report($0, $1) }
        self.metrics.countLost(.corrupt, unreadable)
        let now = self.clock()
        let rest = min(answer.retryAfter, Self.longestRest)
        if let problem = answer.problem {
            work.isFrozen = true
            batch.attempt &+= 1
            work.nextTry = now.advanced(byNanoseconds: max(work.backoff.failed(), rest))
            self.metrics.countFailed()
            self.noteFailure(problem)
        } else {
            work.isFrozen = false
            let (delivered, refused, again) = batch.settle()
            self.metrics.countDelivered(delivered)
            self.metrics.countLost(.refused, refused)
            if again == 0 || delivered + refused > 0 { work.backoff.succeeded() }
            if again > 0 { work.nextTry = now.advanced(byNanoseconds: max(work.backoff.failed(), rest)) }
            if again > 0, delivered + refused == 0 {
                self.noteFailure("it wants all records again")
            } else {
                self.noteSuccess()
            }
        }
        let spool = self.queue.withLock { state in
            self.note(batch, &state)
            return state.spool
        }
        if answer.problem == nil { spool?.commit(batch) }
    }

    /// Gives all series of the handler to it. What fails comes again with the next round, as it is then.
    private func reportSeries(_ work: inout sending DeliveryWork) {
        let now = self.clock()
        work.nextSeries =
            self.options.metricInterval.map { now.advanced(by: $0) } ?? MonotonicTime(nanoseconds: .max)
        if work.isClosing { work.nextSeries = MonotonicTime(nanoseconds: .max) }
        let batch = work.seriesBatch
        self.handler.series?.collect { batch.append($0) }
        defer { batch.removeAll() }
        guard batch.count > 0 else { return }
        batch.present(limit: self.options.batchRecords) { records, outcomes in
            if let problem = self.handler.report(records, outcomes).problem {
                self.metrics.countFailed()
                self.noteFailure(problem)
                return false
            }
            self.noteSuccess()
            return true
        }
    }

    private func noteFailure(_ problem: String) {
        let isNew = self.queue.withLock { state in
            let isNew = state.health == .healthy
            let now = WallTime.now()
            if isNew { state.health = .failing(since: now) }
            state.lastProblem = problem
            state.lastProblemTime = now
            return isNew
        }
        guard isNew else { return }
        self.log.write(
            .warning, "mixer", "handler fails", ["handler": LogValue(self.name), "reason": LogValue(problem)])
    }

    private func noteSuccess() {
        let wasFailing = self.queue.withLock { state in
            defer { state.health = .healthy }
            return state.health != .healthy
        }
        guard wasFailing else { return }
        self.log.write(.info, "mixer", "handler works again", ["handler": LogValue(self.name)])
    }
}
