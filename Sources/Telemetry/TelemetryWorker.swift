internal import Primitives

/// All that one worker counts and records with; for its thread only, and kept across reloads.
public final class TelemetryWorker {
    /// 0 for the first worker.
    public let index: Int
    /// This worker's counters.
    public let cells: MetricCells
    /// Istio's request metrics; ``complete(_:_:)`` counts in them.
    public let requests: RequestMetrics
    /// Istio's TCP metrics; whoever passes bytes counts in them.
    public let tcp: TCPMetrics
    /// The stopwatch for filters.
    public let filterTimes: FilterTimes
    /// Handshakes of TLS with clients, counted in ``cells``.
    public let handshakes: HandshakeMetrics
    /// This worker's way into the log.
    public let log: WorkerLog
    let ring: RecordRing
    private let process: TelemetryProcess
    private let dropped: MetricSeries

    init(index: Int, _ process: TelemetryProcess, _ cells: MetricCells, _ ring: RecordRing, _ log: WorkerLog)
    {
        self.index = index
        self.cells = cells
        self.requests = RequestMetrics(process.registry, process.names, cells)
        self.tcp = TCPMetrics(process.registry, process.names, cells)
        self.filterTimes = FilterTimes(process.filterMetrics, cells)
        self.handshakes = process.handshakes
        self.log = log
        self.ring = ring
        self.process = process
        self.dropped = process.droppedRecords
    }

    /// Whether anybody reads the texts of a record; when not, an empty ``ExchangeText`` does.
    public var wantsText: Bool { self.process.isRecording }

    /// Takes in a finished exchange: request metrics, and the access log when there is one.
    ///
    /// Neither allocates nor locks nor waits; a full ring drops the record and counts it in
    /// `postern_access_log_records_dropped_total`.
    public func complete(_ record: borrowing ExchangeRecord, _ text: borrowing ExchangeText) {
        self.requests.count(record)
        self.record(record, text)
    }

    /// Takes in a connection that carried no requests: the access log alone.
    public func record(_ record: borrowing ExchangeRecord, _ text: borrowing ExchangeText) {
        guard self.process.isRecording else { return }
        if !self.ring.append(record, text) { self.cells.add(self.dropped) }
    }
}
