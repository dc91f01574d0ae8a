internal import Primitives
internal import Synchronization

/// Telemetry of the process: the registry, the names, the logs, and the thread that writes what workers
/// record.
///
///     let telemetry = TelemetryProcess(log: log)
///     try telemetry.setAccessLog(settings)
///     let worker = telemetry.makeWorker()      // one a worker
///     telemetry.start()
///     …
///     telemetry.stop()                         // after the workers have ended: writes what is left
///
/// The process must ignore SIGPIPE.
public final class TelemetryProcess: Sendable {
    public let registry: MetricRegistry
    /// Names of listeners, routes and services.
    public let names: NameTable
    public let log: Log
    public let filterMetrics: FilterMetrics
    public let filterDefinedMetrics: FilterDefinedMetrics
    let handshakes: HandshakeMetrics
    let droppedRecords: MetricSeries
    private let droppedLines: MetricSeries
    private let writeErrors: MetricSeries
    private let recording = Atomic<Bool>(false)
    private let reopening = Atomic<Bool>(false)
    private let shared = Lock(Shared())
    private let thread: TelemetryThread

    private struct Shared: ~Copyable {
        var accessLog: AccessLog?
        var rings: [RecordRing] = []
        var logRings: [RecordRing] = []
        var isRunning = false
    }

    /// Bytes of exchange records that wait, for each worker: some 1,500 small ones.
    private static let ringCapacity = ByteCount.kibibytes(512)
    private static let logRingCapacity = ByteCount.kibibytes(64)
    /// Bytes of records that are formatted before a write.
    private static let batch = 32 * 1024
    /// Batches of each ring in one turn: those of a full ring, twice.
    private static let rounds = 32
    /// How long a write waits for a slow reader, in milliseconds: while running, and at the end.
    private static let patience: Int32 = 50
    private static let lastPatience: Int32 = 2000

    /// - Parameter seriesLimit: The most metric series.
    public init(log: Log, seriesLimit: Int = 20_000) {
        self.log = log
        let registry = MetricRegistry(seriesLimit: seriesLimit)
        self.registry = registry
        self.names = NameTable()
        self.filterMetrics = FilterMetrics(registry)
        self.filterDefinedMetrics = FilterDefinedMetrics(registry)
        self.handshakes = HandshakeMetrics(registry)
        func counter(_ name: String, _ help: String) -> MetricSeries {
            registry.series(
                registry.define(MetricDefinition(name: name, help: help, kind: .counter)) ?? .discarded)
        }
        self.droppedRecords = counter(
            "postern_access_log_records_dropped_total", "Exchanges not logged because the queue was full.")
        self.droppedLines = counter(
            "postern_log_lines_dropped_total", "Lines of the own log dropped because the queue was full.")
        self.writeErrors = counter(
            "postern_access_log_write_errors_total", "Failed writes of the access log; their lines are lost.")
        self.thread = TelemetryThread()
    }

    /// What a further worker counts and records with. Called on any thread, used on the worker's.
    public func makeWorker(index: Int) -> TelemetryWorker {
        let cells = self.registry.makeCells()
        let descriptor = self.thread.wakeDescriptor
        let ring = RecordRing(capacity: Self.ringCapacity, wakeDescriptor: descriptor)
        let logRing = RecordRing(capacity: Self.logRingCapacity, wakeDescriptor: descriptor)
        self.shared.withLock {
            $0.rings.append(ring)
            $0.logRings.append(logRing)
        }
        let log = WorkerLog(self.log, logRing, cells, dropped: self.droppedLines)
        return TelemetryWorker(index: index, self, cells, ring, log)
    }

    /// Changes the access log, or switches it off with nil. Records already taken are written to the old one
    /// first.
    ///
    /// - Throws: ``OutputError`` when the file cannot be opened; the old log stays in force.
    public func setAccessLog(_ settings: AccessLogSettings?) throws(OutputError) {
        try self.shared.withLock { shared throws(OutputError) in
            if let settings, settings == shared.accessLog?.settings { return }
            let fresh = if let settings { Optional(try AccessLog(settings)) } else { AccessLog?.none }
            self.drain(&shared, patience: Self.patience)
            shared.accessLog = fresh
            self.recording.store(settings != nil, ordering: .relaxed)
        }
    }

    /// Whether exchange records are read by anybody.
    var isRecording: Bool { self.recording.load(ordering: .relaxed) }

    /// Opens the access log's file again, soon: for logrotate, after the file was moved away.
    ///
    /// May be called from a signal handler: stores an atomic and writes to a pipe.
    public func reopenAccessLog() {
        self.reopening.store(true, ordering: .releasing)
        self.thread.wake()
    }

    /// Starts the thread that writes; once.
    public func start() {
        let isFirst = self.shared.withLock { shared in
            defer { shared.isRunning = true }
            return !shared.isRunning
        }
        if isFirst { self.thread.start { self.turn(patience: Self.patience) } }
    }

    /// Ends the thread and writes what is left, waiting up to two seconds for a slow reader.
    public func stop() {
        self.thread.stop()
        self.turn(patience: Self.lastPatience)
    }

    /// Writes all that is there: what the thread does every 100 ms. Public for processes and tests without
    /// the thread.
    public func flush() { self.turn(patience: Self.lastPatience) }

    private func turn(patience: Int32) {
        let failure = self.shared.withLock { shared -> OutputError? in
            for ring in shared.logRings { self.log.emit(drained: ring) }
            self.drain(&shared, patience: patience)
            guard self.reopening.exchange(false, ordering: .acquiringAndReleasing) else { return nil }
            return shared.accessLog?.reopen()
        }
        guard let failure else { return }
        self.registry.shared.addAtomically(self.writeErrors)
        self.log.write(.error, "telemetry", "cannot reopen the access log", ["reason": "\(failure)"])
    }

    private func drain(_ shared: inout Shared, patience: Int32) {
        // A reader that is still slow: records stay in the rings, and what does not fit there is dropped and
        // counted.
        guard self.flush(&shared, patience) else { return }
        // In turns, and not for ever: workers may record faster than this thread writes.
        for _ in 0..<Self.rounds {
            var records = 0
            for ring in shared.rings {
                records += ring.drain(limit: Self.batch) { shared.accessLog?.append($0, self.names) }
                guard self.flush(&shared, patience) else { return }
            }
            if records == 0 { return }
        }
    }

    /// - Returns: false while the reader is slow.
    private func flush(_ shared: inout Shared, _ patience: Int32) -> Bool {
        switch shared.accessLog?.flush(patience: patience) {
        case .blocked: return false
        case .failed(let code):
            self.registry.shared.addAtomically(self.writeErrors)
            self.log.write(.error, "telemetry", "cannot write the access log", ["errno": LogValue(code)])
            return true
        case .written, nil: return true
        }
    }
}
