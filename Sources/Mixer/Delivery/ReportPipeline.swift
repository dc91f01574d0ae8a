public import Adapting
public import Primitives
internal import Synchronization
public import Telemetry

/// What brings records from the workers to the handlers: a ring for each worker, and one thread that moves
/// what is in them into the handlers' queues. It never waits for a handler.
///
///     let pipeline = ReportPipeline(telemetry.registry, log: log)
///     let ring = pipeline.makeRing(worker: 0, cells: cells)        // one a worker
///     let delivery = pipeline.makeDelivery(handler, options)       // one a handler
///     let target = pipeline.register(shape, [delivery])
///     pipeline.start()
///     …
///     pipeline.stop()                                              // after the workers have ended
public final class ReportPipeline: Sendable {
    private struct Place {
        let delivery: HandlerDelivery
        /// The handler's number of the shape.
        let shape: UInt32
    }

    private struct Shared {
        var targets: [UInt32: [Place]] = [:]
        var lastNumber: UInt32 = 0
        var rings: [(worker: UInt32, ring: RecordRing)] = []
        var deliveries: [HandlerDelivery] = []
        var nextLook: UInt64 = 0
    }

    private let log: Log
    private let metrics: DeliveryMetrics
    private let thread = WorkThread()
    private let ringCapacity: ByteCount
    private let isStopping = Atomic<Bool>(false)
    /// Targets that nobody appends to any more.
    private let retired = Lock<[UInt32]>([])
    /// Whoever has it is the rings' consumer.
    private let shared = Lock(Shared())

    /// How long a record waits at most before it is moved, in milliseconds.
    static let interval: Int32 = 20
    /// Bytes of each ring that are moved before the next ring's turn.
    private static let portion = 256 * 1024
    /// How often the lag is brought up to date, in nanoseconds.
    private static let lookInterval: UInt64 = 500_000_000

    /// - Parameter ringCapacity: For each worker. 1 MiB holds 45 ms of 20,000 records a second of 1 KiB, and
    ///   stays in a core's cache.
    public init(_ registry: MetricRegistry, log: Log, ringCapacity: ByteCount = .mebibytes(1)) {
        self.metrics = DeliveryMetrics(registry)
        self.log = log
        self.ringCapacity = max(ringCapacity, .bytes(4 * (ReportRing.head + ReportRing.recordLimit)))
    }

    /// What a further worker appends to. Called on any thread, used on the worker's.
    public func makeRing(worker: Int, cells: MetricCells) -> ReportRing {
        let ring = RecordRing(capacity: self.ringCapacity, wakeDescriptor: self.thread.wakeDescriptor)
        let number = UInt32(truncatingIfNeeded: worker)
        self.shared.withLock { $0.rings.append((number, ring)) }
        return ReportRing(worker: number, ring: ring, cells: cells, thread: self.thread)
    }

    /// The queue of one handler; ``HandlerDelivery/start()`` starts its thread.
    ///
    /// - Parameter predecessor: What has the handler's name until now. When both have the same spool, the new
    ///   one opens it after ``HandlerDelivery/handOver(to:)`` only.
    public func makeDelivery(
        _ handler: AdapterHandler, _ options: DeliveryOptions, after predecessor: HandlerDelivery? = nil
    ) -> HandlerDelivery {
        let delivery = HandlerDelivery(
            handler, options, self.metrics, log: self.log, after: predecessor)
        self.add(delivery)
        return delivery
    }

    func add(_ delivery: HandlerDelivery) { self.shared.withLock { $0.deliveries.append(delivery) } }

    /// Lets records of `shape` go to `handlers`. Called while a configuration is compiled.
    ///
    /// What does not change from one configuration to the next is known again: a handler sees one shape of
    /// the same content only.
    public func register(_ shape: RecordShape, _ handlers: [HandlerDelivery]) -> ReportTarget {
        let places = handlers.map { Place(delivery: $0, shape: $0.number(of: shape)) }
        let number = self.shared.withLock { shared in
            shared.lastNumber += 1
            shared.targets[shared.lastNumber] = places
            return shared.lastNumber
        }
        func series(_ reason: LossReason) -> [MetricSeries] {
            handlers.compactMap { $0.metrics.lost[reason] }
        }
        return ReportTarget(
            number: number, ringFull: series(.ringFull), tooLarge: series(.tooLarge), self)
    }

    /// Targets that records may still come for.
    var targetCount: Int { self.shared.withLock { $0.targets.count } }

    func retire(_ number: UInt32) { self.retired.withLock { $0.append(number) } }

    /// Starts the thread that moves records; once.
    public func start() {
        self.thread.start { [self] in
            self.flush()
            return self.isStopping.load(ordering: .acquiring) ? nil : Self.interval
        }
    }

    /// Moves what is left, and ends the thread and all handlers, each after a last batch.
    ///
    /// - Parameter patience: How long handlers may take for what waits; what is left in memory then is lost,
    ///   and counted.
    public func stop(within patience: Duration = .seconds(5)) {
        self.isStopping.store(true, ordering: .releasing)
        self.thread.wake()
        _ = self.thread.waitUntilEnded(milliseconds: 1000)
        self.flush()
        let end = MonotonicTime.now().advanced(by: patience)
        let deliveries = self.shared.withLock { $0.deliveries }
        for delivery in deliveries { delivery.close(by: end) }
        for delivery in deliveries { delivery.waitUntilClosed(by: end) }
    }

    /// Moves all that is in the rings into the handlers' queues: what the thread does every 20 ms.
    public func flush() {
        let retired = self.retired.withLock { retired in
            let taken = retired
            retired.removeAll()
            return taken
        }
        let now = WallTime.now().nanosecondsSinceEpoch
        self.shared.withLock { shared in
            self.move(&shared)
            // What was appended before the last reference went is moved by now.
            for number in retired { shared.targets[number] = nil }
            guard now >= shared.nextLook || now + Self.lookInterval < shared.nextLook else { return }
            shared.nextLook = now + Self.lookInterval
            shared.deliveries.removeAll { $0.isClosed }
            for delivery in shared.deliveries { delivery.showLag(now: now) }
        }
    }

    /// Empties the rings of what was in them at the beginning, and perhaps of more.
    private func move(_ shared: inout Shared) {
        for _ in 0...self.ringCapacity.bytes * 2 / Self.portion {
            var records = 0
            for (worker, ring) in shared.rings {
                var touched: [HandlerDelivery] = []
                let targets = shared.targets
                records += ring.drain(limit: Self.portion) { bytes in
                    guard bytes.count >= ReportRing.head,
                        let places = targets[UInt32(truncatingIfNeeded: bytes.word(at: 0))]
                    else { return }
                    let values = bytes.dropFirst(ReportRing.head)
                    for place in places {
                        let record = QueuedRecord(
                            shape: place.shape, time: bytes.word(at: 8), values: values)
                        if place.delivery.stage(record) { touched.append(place.delivery) }
                    }
                }
                for delivery in touched { delivery.acceptStaged(from: worker) }
            }
            if records == 0 { return }
        }
    }
}
