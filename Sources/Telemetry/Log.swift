internal import Glibc
internal import Primitives
public import Synchronization

/// Postern's own log: lines with fields, on standard error.
///
/// Writing here takes a lock and a system call, so it is for the control thread and for start-up; a worker
/// uses its ``WorkerLog``. The level may be changed at any time from any thread.
public final class Log: Sendable {
    @usableFromInline let threshold: Atomic<UInt8>
    /// How lines are written.
    public let format: LogFormat
    private let state: Lock<State>

    private struct State: ~Copyable {
        var output: OutputFile
        var limit = RepeatLimit()
    }

    /// How long a line may wait for a slow reader, in milliseconds.
    private static let patience: Int32 = 100
    /// Lines gathered for a reader that does not read are dropped past this many bytes.
    private static let most = 256 * 1024

    /// - Parameter descriptor: Where lines go; standard error unless told.
    public init(level: LogLevel = .info, format: LogFormat = .text, descriptor: Int32 = 2) {
        self.threshold = Atomic(level.rawValue)
        self.format = format
        self.state = Lock(State(output: OutputFile(descriptor: descriptor)))
    }

    /// The quietest level that is written.
    public var level: LogLevel {
        get { LogLevel(rawValue: self.threshold.load(ordering: .relaxed)) ?? .info }
        set { self.threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Whether a line of that level would be written; one relaxed load.
    @inlinable
    public func isLogged(_ level: LogLevel) -> Bool {
        level.rawValue >= self.threshold.load(ordering: .relaxed)
    }

    /// Writes a line. No secrets.
    ///
    /// - Parameters:
    ///   - module: Which part of Postern speaks, or a filter's name.
    ///   - message: What happened, without what varies: lines alike are held back when they come too often.
    ///   - fields: What varies.
    public func write(
        _ level: LogLevel, _ module: String, _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<StaticString, LogValue> = [:]
    ) {
        guard self.isLogged(level) else { return }
        self.emit(
            LogLine(
                level: level, module: module, message: message(), fields: fields, wall: .now(),
                monotonic: .now()))
    }

    func emit(_ line: LogLine) {
        self.state.withLock { state in
            let verdict = state.limit.admit(line.module, line.message, now: line.monotonic.nanoseconds)
            guard case .write(let held) = verdict, state.output.pending.count < Self.most else { return }
            if held > 0 { LogLine.heldBack(held, line).append(self.format, to: state.output.pending) }
            line.append(self.format, to: state.output.pending)
            _ = state.output.flush(patience: Self.patience)
        }
    }

    /// Writes lines that a worker formatted.
    func emit(drained ring: RecordRing) {
        self.state.withLock { state in
            ring.drain { line in
                if state.output.pending.count < Self.most { state.output.pending.append(line) }
            }
            _ = state.output.flush(patience: Self.patience)
        }
    }
}

extension LogLine {
    /// The line that says how many were held back.
    static func heldBack(_ count: Int, _ line: LogLine) -> LogLine {
        LogLine(
            level: line.level, module: line.module, message: "held back lines like the next",
            fields: ["count": LogValue(count)], wall: line.wall, monotonic: line.monotonic)
    }
}
