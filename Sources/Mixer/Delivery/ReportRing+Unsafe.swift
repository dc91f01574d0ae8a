public import Adapting
internal import Primitives
internal import Telemetry

/// A worker's way to the handlers. For the worker's own thread only; kept across reloads.
///
///     | 4 bytes: number of the target | 4: 0 | 8: time | values, as RecordWriter writes them |
public final class ReportRing {
    let worker: UInt32
    private let ring: RecordRing
    private let cells: MetricCells
    /// Keeps what the ring wakes.
    private let thread: WorkThread

    /// The most bytes of a record's values.
    public static let recordLimit = 64 * 1024
    static let head = 16

    init(worker: UInt32, ring: RecordRing, cells: MetricCells, thread: WorkThread) {
        self.worker = worker
        self.ring = ring
        self.cells = cells
        self.thread = thread
    }

    /// Appends the record that `body` writes, for every handler of the target.
    ///
    /// Neither allocates nor locks nor waits. A record that finds the ring full, or is too long, is dropped
    /// and counted for each handler.
    ///
    /// - Parameter time: When the record was made, in nanoseconds since 1970.
    /// - Returns: false when it was dropped.
    @discardableResult
    @inline(__always)
    public func append(_ target: ReportTarget, time: UInt64, _ body: (inout RecordWriter) -> Void) -> Bool {
        guard let place = self.ring.reserve(Self.head + Self.recordLimit) else {
            return self.drop(target.ringFull)
        }
        // SAFETY: `reserve` gave room for the head and the longest record, 8-byte aligned, ours until
        // `commit`.
        var writer = RecordWriter(place + Self.head, capacity: Self.recordLimit)
        body(&writer)
        // What is not committed is overwritten by the next.
        guard !writer.overflowed else { return self.drop(target.tooLarge) }
        place.storeBytes(of: UInt64(target.number), as: UInt64.self)
        place.storeBytes(of: time, toByteOffset: 8, as: UInt64.self)
        self.ring.commit(Self.head &+ writer.count)
        return true
    }

    @inline(never)
    private func drop(_ series: [MetricSeries]) -> Bool {
        for one in series { self.cells.add(one) }
        return false
    }
}
