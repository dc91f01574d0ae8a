/// All that one worker counts and logs with; for its thread only, and kept across reloads.
public final class TelemetryWorker {
    /// 0 for the first worker.
    public let index: Int
    /// This worker's counters.
    public let cells: MetricCells
    /// The stopwatch for filters.
    public let filterTimes: FilterTimes
    /// Handshakes of TLS with clients, counted in ``cells``.
    public let handshakes: HandshakeMetrics
    /// This worker's way into the log.
    public let log: WorkerLog

    init(index: Int, _ process: TelemetryProcess, _ cells: MetricCells, _ log: WorkerLog) {
        self.index = index
        self.cells = cells
        self.filterTimes = FilterTimes(process.filterMetrics, cells)
        self.handshakes = process.handshakes
        self.log = log
    }
}
