public import Primitives

/// The log as a worker writes it: formatted here, written by the telemetry thread, never waiting.
///
/// For the worker's own thread only. Lines that find the queue full are dropped and counted in
/// `postern_log_lines_dropped_total`.
public final class WorkerLog {
    /// The process's log, for its level.
    public let log: Log
    let ring: RecordRing
    private let cells: MetricCells
    private let dropped: MetricSeries
    private let scratch = ByteBuffer(capacity: 512)
    private var limit = RepeatLimit()

    /// The most bytes of a line; longer ones are cut off.
    private static let most = 4096

    init(_ log: Log, _ ring: RecordRing, _ cells: MetricCells, dropped: MetricSeries) {
        self.log = log
        self.ring = ring
        self.cells = cells
        self.dropped = dropped
    }

    /// Whether a line of that level would be written; one relaxed load.
    @inlinable
    public func isLogged(_ level: LogLevel) -> Bool { self.log.isLogged(level) }

    /// As ``Log/write(_:_:_:_:)``. Allocates, so not for every request at a level that is on by default.
    public func write(
        _ level: LogLevel, _ module: String, _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<StaticString, LogValue> = [:], now: MonotonicTime = .now(),
        wall: WallTime = .now()
    ) {
        guard self.log.isLogged(level) else { return }
        let line = LogLine(
            level: level, module: module, message: message(), fields: fields, wall: wall, monotonic: now)
        guard case .write(let held) = self.limit.admit(module, line.message, now: now.nanoseconds) else {
            return
        }
        if held > 0 { self.push(LogLine.heldBack(held, line)) }
        self.push(line)
    }

    private func push(_ line: LogLine) {
        self.scratch.reset()
        line.append(self.log.format, to: self.scratch)
        if self.scratch.count > Self.most { self.shorten(line) }
        if !self.ring.append(self.scratch.view) { self.cells.add(self.dropped) }
    }

    /// A line that is too long is written with the beginning of its message and without its fields.
    private func shorten(_ line: LogLine) {
        self.scratch.reset()
        let short = LogLine(
            level: line.level, module: String(line.module.prefix(128)),
            message: String(line.message.prefix(256)) + "…", fields: [:], wall: line.wall,
            monotonic: line.monotonic)
        short.append(self.log.format, to: self.scratch)
    }
}
