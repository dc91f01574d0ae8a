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
    /// Callouts that wait for ``answer(_:with:)``, in order.
    public private(set) var callouts: [(id: PendingID, callout: Callout)] = []
    private var done: [PendingID: (CalloutResult) -> Void] = [:]
    private var timers: [PendingID: (deadline: UInt64, fire: () -> Void)] = [:]
    private var watches: [PendingID: (DescriptorEvents) -> Void] = [:]
    private var pendingMade: UInt64 = 0
    /// Services that ``call(_:for:_:)`` knows; nil: every name.
    public var services: Set<String>?

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

    // MARK: Waiting

    private func nextPending() -> PendingID {
        self.pendingMade += 1
        return PendingID(rawValue: self.pendingMade)
    }

    public override func call(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? {
        if let services, !services.contains(callout.service) { return nil }
        let id = self.nextPending()
        self.callouts.append((id, callout))
        self.done[id] = done
        return id
    }

    /// Ends the oldest callout that waits.
    public func answer(_ result: CalloutResult) {
        guard !self.callouts.isEmpty else { return }
        let (id, _) = self.callouts.removeFirst()
        self.done.removeValue(forKey: id)?(result)
    }

    public override func setTimer(
        _ nanoseconds: UInt64, for stream: FilterStream?, _ fire: @escaping () -> Void
    ) -> PendingID {
        let id = self.nextPending()
        self.timers[id] = (self.time.nanoseconds + nanoseconds, fire)
        return id
    }

    /// Moves the clock on and fires what is due, in order.
    public func advance(byNanoseconds nanoseconds: UInt64) {
        self.time = self.time.advanced(byNanoseconds: nanoseconds)
        let due = self.timers.filter { $0.value.deadline <= self.time.nanoseconds }
            .sorted { ($0.value.deadline, $0.key.rawValue) < ($1.value.deadline, $1.key.rawValue) }
        for (id, timer) in due where self.timers.removeValue(forKey: id) != nil { timer.fire() }
    }

    public override func watch(_ descriptor: Int32, _ ready: @escaping (DescriptorEvents) -> Void)
        -> PendingID?
    {
        let id = self.nextPending()
        self.watches[id] = ready
        return id
    }

    /// Tells every watch.
    public func descriptorsReady(_ events: DescriptorEvents) {
        for ready in self.watches.values { ready(events) }
    }

    public override func cancel(_ id: PendingID) {
        self.callouts.removeAll { $0.id == id }
        self.done[id] = nil
        self.timers[id] = nil
        self.watches[id] = nil
    }

    /// How much is waited for.
    public var pendingCount: Int { self.done.count + self.timers.count + self.watches.count }
}
