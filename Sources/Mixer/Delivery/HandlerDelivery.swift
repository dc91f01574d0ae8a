public import Adapting
internal import CPosternABI
public import Primitives
internal import Synchronization
internal import Telemetry

/// The queue of one handler, and the thread that gives it batches of what is in it.
///
///     rings ──stage, accept──► queue ──move──► batch ──report──► handler
///      (the pipeline's thread)         (a thread of the handler's own)
///
/// A batch that failed is given again, the same, after a pause that grows. What waits is bounded; what does
/// not fit is dropped and counted.
public final class HandlerDelivery: Sendable {
    public let handler: AdapterHandler
    public let options: DeliveryOptions
    let metrics: HandlerMetrics
    let log: Log
    let clock: @Sendable () -> MonotonicTime
    let thread = WorkThread()
    let reopening = Atomic<Bool>(false)
    /// Nanoseconds, monotonic, by which the last batch must be through; 0 while it is not closing.
    let closing = Atomic<UInt64>(0)
    /// The handler before it has let go of the spool.
    let isSpoolFree = Atomic<Bool>(false)
    private let closed = Atomic<Bool>(false)
    private let stage = DeliveryStage()
    let queue: Lock<QueueState>
    /// Held while the handler works.
    let work: Lock<DeliveryWork>

    /// - Parameters:
    ///   - predecessor: What has the handler's name until now; see ``handOver(to:)``.
    ///   - clock: What decides when a batch is due.
    ///   - random: Spreads the pauses after failures.
    init(
        _ handler: AdapterHandler, _ options: DeliveryOptions, _ metrics: DeliveryMetrics, log: Log,
        after predecessor: HandlerDelivery? = nil,
        clock: @escaping @Sendable () -> MonotonicTime = { .now() }, random: RandomSource = RandomSource()
    ) {
        self.handler = handler
        self.options = options
        self.metrics = metrics.handler(handler.name)
        self.log = log
        self.clock = clock
        self.queue = Lock(QueueState(limit: options.queueLimit))
        var work = DeliveryWork(options, random: random)
        work.lastTick = clock()
        if let interval = options.metricInterval {
            work.nextSeries = work.lastTick.advanced(by: interval)
        }
        self.work = Lock(work)
        guard options.onFull == .spool else { return }
        let isTaken = predecessor?.hasSpool(of: self) == true
        self.work.withLock { work in
            if isTaken { work.awaitsSpool = true } else { self.openSpool(&work) }
        }
    }

    public var name: String { self.handler.name }

    /// Starts the handler's thread; once.
    public func start() {
        self.thread.start { [self] in
            guard let next = self.turn() else { return nil }
            // Up, so that it does not wake a moment too early.
            return Int32(clamping: (next.since(self.clock()) + 999_999) / 1_000_000)
        }
    }

    /// Makes the handler open its files again, soon, on its thread. From any thread, and from signal
    /// handlers.
    public func reopen() {
        self.reopening.store(true, ordering: .releasing)
        self.thread.wake()
    }

    /// Asks for a last batch. Returns at once; harmless when asked again.
    ///
    /// What waits is still given to the handler; what is left at `end` is lost and counted. Records that come
    /// later are lost as well, so it is for handlers that no configuration in use has any more.
    public func close(by end: MonotonicTime) {
        let nanoseconds = max(end.nanoseconds, 1)
        _ = self.closing.compareExchange(expected: 0, desired: nanoseconds, ordering: .acquiringAndReleasing)
        self.thread.wake()
    }

    /// Waits until the last batch is through; after `end`, gives up what is left.
    public func waitUntilClosed(by end: MonotonicTime) {
        let wait = end.since(.now()) / 1_000_000 + 1
        // A handler in the middle of a call has a moment more.
        let isEnded = self.thread.waitUntilEnded(milliseconds: Int32(clamping: wait + 100))
        if !self.isClosed { self.giveUp(isEnded: isEnded) }
    }

    /// Whether the thread has ended, or was given up.
    public var isClosed: Bool { self.closed.load(ordering: .acquiring) }

    /// Counts what is left as lost, and takes no more.
    func giveUp(isEnded: Bool = true) {
        let (lost, isFirst, successor) = self.queue.withLock { state -> (Int, Bool, HandlerDelivery?) in
            guard !state.isClosed else { return (0, false, state.successor) }
            state.isClosed = true
            let inBatch = state.spool == nil ? state.batchRecords : 0
            state.batchRecords = 0
            state.spool = nil
            return (state.memory.removeAll() + inBatch, true, state.successor)
        }
        self.metrics.countLost(.shutdown, lost)
        if successor == nil { self.metrics.showQueue(records: 0, bytes: 0) }
        if isFirst { successor?.takeOverSpool() }
        self.closed.store(true, ordering: .releasing)
        guard lost > 0 || !isEnded else { return }
        self.log.write(
            .warning, "mixer", isEnded ? "handler ended with records not delivered" : "handler does not end",
            ["handler": LogValue(self.name), "records": LogValue(lost)])
    }

    /// The handler's number of the shape, the same for the same content.
    func number(of shape: RecordShape) -> UInt32 { self.queue.withLock { $0.number(of: shape) } }

    // Of whoever has the pipeline's lock:

    /// - Returns: Whether it is the first since the last ``acceptStaged(from:)``.
    func stage(_ record: QueuedRecord) -> Bool { self.stage.append(record) }

    /// Takes what was staged, which came from one worker, into the queue.
    func acceptStaged(from worker: UInt32) {
        self.stage.take { self.accept($0, from: worker) }
    }

    func accept(_ bytes: ByteView, from worker: UInt32) {
        let (spool, shapes, successor) = self.queue.withLock { state in
            (state.spool, state.shapes, state.isClosed ? state.successor : nil)
        }
        if let successor {
            self.pass(bytes, on: successor, from: worker, shapes)
        } else if let spool {
            self.accept(bytes, into: spool, from: worker, shapes)
        } else {
            self.acceptInMemory(bytes)
        }
    }

    private func accept(_ bytes: ByteView, into spool: Spool, from worker: UInt32, _ shapes: [RecordShape]) {
        let before = spool.unread
        if let (reason, count) = spool.append(bytes, from: worker, shapes) {
            self.metrics.countLost(reason, count)
        }
        let isDue = self.queue.withLock { state in
            self.metrics.showQueue(records: state.records, bytes: state.bytes)
            return state.batchRecords == 0
                || (before < self.options.batchRecords && spool.unread >= self.options.batchRecords)
        }
        if isDue { self.thread.wake() }
    }

    private func acceptInMemory(_ bytes: ByteView) {
        let limit = self.options.queueLimit.bytes
        let (isDue, full, late) = self.queue.withLock { state -> (Bool, Int, Int) in
            let (records, footprint) = (state.records, state.memory.footprint)
            var (at, full, late) = (0, 0, 0)
            while let record = QueuedRecord.read(bytes, at: at) {
                at += record.size
                if state.isClosed {
                    late += 1
                } else if !state.memory.append(record, limit: limit - state.batchFootprint) {
                    full += 1
                }
            }
            self.metrics.showQueue(records: state.records, bytes: state.bytes)
            let isDue =
                records == 0
                || (records < self.options.batchRecords && state.records >= self.options.batchRecords)
                || (footprint < limit / 8 && state.memory.footprint >= limit / 8)
            return (isDue, full, late)
        }
        self.metrics.countLost(self.options.onFull == .spool ? .spoolError : .queueFull, full)
        self.metrics.countLost(.shutdown, late)
        if isDue { self.thread.wake() }
    }

    func showLag(now: UInt64) {
        self.metrics.showLag(milliseconds: self.lag(now: now) / 1_000_000)
    }

    private func lag(now: UInt64) -> UInt64 {
        guard let oldest = self.queue.withLock({ $0.oldestTime }), now > oldest else { return 0 }
        return now - oldest
    }

    /// How it is. From any thread; locks and allocates.
    public func status() -> DeliveryStatus {
        var status = DeliveryStatus(name: self.name)
        let lag = self.lag(now: WallTime.now().nanosecondsSinceEpoch)
        status.lag = .nanoseconds(Int64(clamping: lag))
        self.queue.withLock { state in
            status.health = state.health
            status.lastProblem = state.lastProblem
            status.lastProblemTime = state.lastProblemTime
            status.queueRecords = state.records
            status.queueBytes = state.bytes
        }
        status.delivered = self.metrics.deliveredTotal()
        status.lost = self.metrics.losses()
        return status
    }
}
