internal import Adapting
internal import Primitives
internal import Synchronization
internal import Telemetry

// A handler that another of the same name takes the place of, when both have the same spool.

extension HandlerDelivery {
    /// Whether `successor` has to wait for the spool until this one lets go of it.
    func hasSpool(of successor: HandlerDelivery) -> Bool {
        self.options.onFull == .spool && self.name == successor.name
            && self.options.spoolPath == successor.options.spoolPath
    }

    /// Ends, and leaves what waits in the spool, and all that comes later, to `successor`, which was made to
    /// come after it. Returns at once; does nothing when they have no spool in common.
    ///
    /// Until a call of the adapter that is under way returns, `successor` keeps records in memory.
    public func handOver(to successor: HandlerDelivery) {
        guard successor.options.onFull == .spool, self.hasSpool(of: successor) else { return }
        let isOver = self.queue.withLock { state in
            state.successor = successor
            return state.isClosed
        }
        if isOver { successor.takeOverSpool() }
        self.close(by: .now())
    }

    /// From the thread of the handler before it.
    func takeOverSpool() {
        self.isSpoolFree.store(true, ordering: .releasing)
        self.thread.wake()
    }

    /// Lets go of the spool, for the successor that there may be, before the last call of the adapter: what
    /// is in the batch comes again with it.
    func leaveToSuccessor(_ work: inout sending DeliveryWork) {
        let batch = work.batch
        let successor = self.queue.withLock { state -> HandlerDelivery? in
            guard !state.isClosed, let successor = state.successor else { return nil }
            if let spool = state.spool {
                spool.commit(batch)
            } else {
                // It could not be opened: memory had its place.
                self.pass(batch.view, on: successor, from: 0, state.shapes)
                state.memory.takeAll { self.pass($0, on: successor, from: 0, state.shapes) }
            }
            state.isClosed = true
            state.batchRecords = 0
            state.spool = nil
            return successor
        }
        guard let successor else { return }
        batch.removeAll()
        work.isFrozen = false
        successor.takeOverSpool()
    }

    /// Gives records to the successor, by its own numbers of their shapes.
    func pass(_ bytes: ByteView, on successor: HandlerDelivery, from worker: UInt32, _ shapes: [RecordShape])
    {
        guard bytes.count > 0 else { return }
        let numbers = shapes.map { successor.number(of: $0) }
        let passed = ByteBuffer(capacity: bytes.count)
        var at = 0
        while let record = QueuedRecord.read(bytes, at: at) {
            at += record.size
            guard Int(record.shape) < numbers.count else { continue }
            QueuedRecord(shape: numbers[Int(record.shape)], time: record.time, values: record.values)
                .append(to: passed)
        }
        passed.withView { successor.accept($0, from: worker) }
    }

    /// Writes what memory kept while there was no spool behind what the spool has. With the queue's lock.
    func moveMemory(of state: QueueState, into spool: Spool) {
        state.memory.takeAll { bytes in
            if let (reason, count) = spool.append(bytes, from: 0, state.shapes) {
                self.metrics.countLost(reason, count)
            }
        }
    }
}
