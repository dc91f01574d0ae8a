internal import Primitives

/// Telemetry of the process: the registry, the log, and the thread that writes what workers log.
///
///     let telemetry = TelemetryProcess(log: log)
///     let worker = telemetry.makeWorker(index: 0)      // one a worker
///     telemetry.start()
///     …
///     telemetry.stop()                                 // after the workers have ended: writes what is left
///
/// The process must ignore SIGPIPE.
public final class TelemetryProcess: Sendable {
    public let registry: MetricRegistry
    public let log: Log
    public let filterMetrics: FilterMetrics
    public let filterDefinedMetrics: FilterDefinedMetrics
    let handshakes: HandshakeMetrics
    private let droppedLines: MetricSeries
    private let shared = Lock(Shared())
    private let thread: TelemetryThread

    private struct Shared {
        var rings: [RecordRing] = []
        var isRunning = false
    }

    /// Bytes of lines that wait, for each worker.
    private static let ringCapacity = ByteCount.kibibytes(64)

    /// - Parameter seriesLimit: The most metric series.
    public init(log: Log, seriesLimit: Int = 20_000) {
        self.log = log
        let registry = MetricRegistry(seriesLimit: seriesLimit)
        self.registry = registry
        self.filterMetrics = FilterMetrics(registry)
        self.filterDefinedMetrics = FilterDefinedMetrics(registry)
        self.handshakes = HandshakeMetrics(registry)
        let dropped = MetricDefinition(
            name: "postern_log_lines_dropped_total",
            help: "Lines of the own log dropped because the queue was full.", kind: .counter)
        self.droppedLines = registry.series(registry.define(dropped) ?? .discarded)
        self.thread = TelemetryThread()
    }

    /// What a further worker counts and logs with. Called on any thread, used on the worker's.
    public func makeWorker(index: Int) -> TelemetryWorker {
        let cells = self.registry.makeCells()
        let ring = RecordRing(capacity: Self.ringCapacity, wakeDescriptor: self.thread.wakeDescriptor)
        self.shared.withLock { $0.rings.append(ring) }
        return TelemetryWorker(
            index: index, self, cells, WorkerLog(self.log, ring, cells, dropped: self.droppedLines))
    }

    /// Starts the thread that writes; once.
    public func start() {
        let isFirst = self.shared.withLock { shared in
            defer { shared.isRunning = true }
            return !shared.isRunning
        }
        if isFirst { self.thread.start { self.flush() } }
    }

    /// Ends the thread and writes what is left.
    public func stop() {
        self.thread.stop()
        self.flush()
    }

    /// Writes all that is there: what the thread does every 100 ms. Public for processes and tests without
    /// the thread.
    public func flush() {
        self.shared.withLock { shared in for ring in shared.rings { self.log.emit(drained: ring) } }
    }
}
