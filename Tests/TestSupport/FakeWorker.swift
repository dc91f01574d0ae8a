public import Filtering
public import Primitives

/// A worker whose clocks stand still until a test moves them, and that records metrics and posted work.
public final class FakeWorker: FilterWorker {
    public var time = MonotonicTime(nanoseconds: 1_000_000_000)
    public var wall = WallTime(nanosecondsSinceEpoch: 1_700_000_000_123_456_789)
    /// Streams that ``stream(_:)`` and ``runPosted()`` find.
    public var streams: [StreamID: FilterStream] = [:]
    /// Sums of what was added, the last value set, or the values observed.
    public private(set) var counters: [FilterMetric: UInt64] = [:]
    public private(set) var gauges: [FilterMetric: UInt64] = [:]
    public private(set) var observations: [FilterMetric: [UInt64]] = [:]
    private let posted = PostedWork()

    public init() { super.init(index: 0) }

    public override var now: MonotonicTime { self.time }
    public override var wallTime: WallTime { self.wall }
    public override func stream(_ id: StreamID) -> FilterStream? { self.streams[id] }
    public override func add(_ metric: FilterMetric, _ value: UInt64) {
        self.counters[metric, default: 0] += value
    }
    public override func set(_ metric: FilterMetric, _ value: UInt64) { self.gauges[metric] = value }
    public override func observe(_ metric: FilterMetric, _ value: UInt64) {
        self.observations[metric, default: []].append(value)
    }

    public override func post(_ id: StreamID, _ work: @escaping @Sendable (FilterStream) -> Void) {
        self.posted.add(id, work)
    }

    /// Runs what was posted so far; work for streams that are gone is dropped.
    ///
    /// - Returns: How many pieces ran.
    @discardableResult
    public func runPosted() -> Int {
        var ran = 0
        for (id, work) in self.posted.take() {
            guard let stream = self.streams[id] else { continue }
            work(stream)
            ran += 1
        }
        return ran
    }
}
