internal import Primitives
internal import Synchronization

/// All metrics of the process and all their series.
///
/// Definitions and series are only ever added, so what a thread holds stays right for the life of the
/// process, across reloads. Adding takes a lock and allocates; counting (``MetricCells``) does neither.
public final class MetricRegistry: Sendable {
    struct SeriesKey: Hashable {
        let metric: UInt32
        let labels: [String]
    }

    struct Entry: Sendable {
        let series: MetricSeries
        let labels: [String]
    }

    struct State {
        var definitions: [MetricDefinition] = []
        var metrics: [Metric] = []
        var numbers: [String: Int] = [:]
        /// By metric's number, in the order of registration.
        var entries: [[Entry]] = []
        var known: [SeriesKey: MetricSeries] = [:]
        var cells: [MetricCells] = []
        /// The first cells take what is discarded, see ``MetricSeries/discarded``.
        var nextCell = MetricRegistry.discardedCells
    }

    /// The most cells of a group: what is counted in a discarded one stays within these.
    static let discardedCells = 256

    let state: Lock<State>
    /// The most series, of all metrics together.
    public let seriesLimit: Int
    /// Cells that every thread may write, with ``MetricCells/addAtomically(_:_:)`` and
    /// ``MetricCells/set(_:_:)``: for the control thread and what happens seldom.
    public let shared: MetricCells
    private let seriesCount = Atomic<Int>(0)
    private let refusedSeries: MetricSeries

    /// - Parameter seriesLimit: The most series; further ones are discarded and counted in
    ///   `postern_metrics_series_refused_total`.
    public init(seriesLimit: Int = 20_000) {
        self.seriesLimit = max(seriesLimit, 1)
        let shared = MetricCells()
        self.shared = shared
        var state = State()
        state.cells = [shared]
        let refused = MetricDefinition(
            name: "postern_metrics_series_refused_total",
            help: "Look-ups of a series past the limit.",
            kind: .counter)
        let metric = Self.define(refused, &state)
        self.refusedSeries = Self.place([metric], [], &state) ?? .discarded
        self.state = Lock(state)
    }

    /// Adds a metric; the same definition gives the same metric again.
    ///
    /// - Returns: nil when a name, the bounds or the divisor are not as ``MetricDefinition`` demands, or when
    ///   the name is taken by another definition (help texts may differ).
    public func define(_ definition: MetricDefinition) -> Metric? {
        guard definition.isValid else { return nil }
        return self.state.withLock { state in
            guard let number = state.numbers[definition.name] else { return Self.define(definition, &state) }
            var known = state.definitions[number]
            known.help = definition.help
            return known == definition ? state.metrics[number] : nil
        }
    }

    /// Adds a metric that is to take over its name: while another has it, nothing of this one is shown before
    /// ``show(_:)``.
    ///
    /// - Returns: nil when the definition is not as ``MetricDefinition`` demands.
    public func propose(_ definition: MetricDefinition) -> Metric? {
        guard definition.isValid else { return nil }
        return self.state.withLock { state in
            let holder = state.numbers[definition.name]
            let metric = Self.define(definition, &state)
            if let holder { state.numbers[definition.name] = holder }
            return metric
        }
    }

    /// The metric has its name from now on: what another one of that name has counted is shown no longer.
    public func show(_ metric: Metric) {
        self.state.withLock { state in
            guard Int(metric.number) < state.definitions.count else { return }
            state.numbers[state.definitions[Int(metric.number)].name] = Int(metric.number)
        }
    }

    /// The series of `metric` with these label values; made when there is none. Locks and allocates: a worker
    /// asks once and remembers.
    ///
    /// - Parameter labels: As many as the metric has names.
    /// - Returns: ``MetricSeries/discarded`` past the limit, for ``Metric/discarded``, or with a wrong count
    ///   of labels.
    public func series(_ metric: Metric, _ labels: [String] = []) -> MetricSeries {
        self.group([metric], labels)
    }

    /// The same series of several metrics with the same label names, in contiguous cells: that of the second
    /// metric begins ``Metric/cells`` of the first further on, and so forth.
    ///
    /// - Important: A metric belongs to one group only, always the same, and a group has 256 cells at most:
    ///   more would be counted in the cells of others when the group is discarded.
    public func group(_ metrics: [Metric], _ labels: [String]) -> MetricSeries {
        guard let first = metrics.first else { return .discarded }
        assert(metrics.reduce(0) { $0 + $1.cells } <= Self.discardedCells)
        return self.state.withLock { state in
            if let known = state.known[SeriesKey(metric: first.number, labels: labels)] { return known }
            guard self.seriesCount.load(ordering: .relaxed) + metrics.count <= self.seriesLimit,
                let placed = Self.place(metrics, labels, &state)
            else {
                self.shared.addAtomically(self.refusedSeries)
                return .discarded
            }
            self.seriesCount.wrappingAdd(metrics.count, ordering: .relaxed)
            return placed
        }
    }

    /// Cells for one more thread; they are kept for ever.
    public func makeCells() -> MetricCells {
        let cells = MetricCells()
        self.state.withLock { $0.cells.append(cells) }
        return cells
    }

    /// Whether no further series will be made.
    var isFull: Bool { self.seriesCount.load(ordering: .relaxed) >= self.seriesLimit }

    public func countRefused() { self.shared.addAtomically(self.refusedSeries) }

    private static func define(_ definition: MetricDefinition, _ state: inout State) -> Metric {
        let metric = Metric(
            number: UInt32(state.metrics.count),
            bounds: definition.kind == .histogram ? HistogramBounds(definition.bounds) : HistogramBounds())
        state.numbers[definition.name] = state.metrics.count
        state.definitions.append(definition)
        state.metrics.append(metric)
        state.entries.append([])
        return metric
    }

    /// Finds room for a group within one chunk. nil when the room is used up or a metric does not fit.
    private static func place(_ metrics: [Metric], _ labels: [String], _ state: inout State) -> MetricSeries?
    {
        let needed = metrics.reduce(0) { $0 + $1.cells }
        for metric in metrics {
            guard Int(metric.number) < state.metrics.count,
                state.definitions[Int(metric.number)].labels.count == labels.count
            else { return nil }
        }
        guard needed <= Self.discardedCells else { return nil }
        let left = MetricCells.chunkCells - state.nextCell % MetricCells.chunkCells
        let start = needed <= left ? state.nextCell : state.nextCell + left
        guard start + needed <= MetricCells.chunkCells * MetricCells.chunkLimit else { return nil }
        state.nextCell = start + needed
        let group = MetricSeries(cell: UInt32(start))
        var series = group
        for metric in metrics {
            state.entries[Int(metric.number)].append(Entry(series: series, labels: labels))
            state.known[SeriesKey(metric: metric.number, labels: labels)] = series
            series = series.advanced(by: metric.cells)
        }
        return group
    }
}
