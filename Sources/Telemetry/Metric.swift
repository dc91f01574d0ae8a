/// What a metric does with the values it is given.
public enum MetricKind: UInt8, Sendable {
    /// Only grows; the total is the sum over all workers.
    case counter
    /// Goes up and down; what is shown is the sum over all workers.
    case gauge
    /// Counts values by bucket and adds them up.
    case histogram
}

/// Everything that is the same for all series of a metric.
public struct MetricDefinition: Sendable, Hashable {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    public var name: String
    /// One sentence for `# HELP`.
    public var help: String
    public var kind: MetricKind
    /// Label names, in the order in which ``MetricRegistry/series(_:_:)`` takes their values.
    public var labels: [String]
    /// Upper bounds of a histogram's buckets, inclusive, ascending, in the unit of the values observed; at
    /// most ``boundLimit``. Empty for other kinds. The bucket up to infinity is added.
    public var bounds: [UInt64]
    /// What values and bounds are divided by when shown: 1,000,000,000 for nanoseconds shown as seconds. At
    /// least 1.
    public var divisor: UInt64

    /// The most bounds of a histogram.
    public static let boundLimit = 60

    public init(
        name: String, help: String, kind: MetricKind, labels: [String] = [], bounds: [UInt64] = [],
        divisor: UInt64 = 1
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.bounds = bounds
        self.divisor = divisor
    }

    /// Cells that one series takes: one, or for a histogram one a bucket and the sum.
    var cells: Int { self.kind == .histogram ? self.bounds.count + 2 : 1 }

    /// Whether names, bounds and divisor are as their descriptions demand.
    var isValid: Bool {
        Self.isName(self.name) && self.labels.allSatisfy { Self.isName($0) && $0 != "le" }
            && self.divisor >= 1 && self.bounds.count <= Self.boundLimit
            && self.bounds.isEmpty == (self.kind != .histogram)
            && zip(self.bounds, self.bounds.dropFirst()).allSatisfy { $0 < $1 }
            && Set(self.labels).count == self.labels.count
    }

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first & 0xDF &- 0x41 < 26 || first == 0x5F else { return false }
        return text.utf8.allSatisfy { $0 & 0xDF &- 0x41 < 26 || $0 == 0x5F || $0 &- 0x30 < 10 }
    }
}

/// A metric that ``MetricRegistry`` defined, for use by any thread; no reference counting.
public struct Metric: Sendable {
    let number: UInt32
    /// Of a histogram; empty for other kinds.
    public let bounds: HistogramBounds

    /// Takes every value and shows none: what is left of a definition that was refused.
    public static let discarded = Metric(number: .max, bounds: HistogramBounds())

    /// Cells that one series takes.
    @inlinable public var cells: Int { self.bounds.isEmpty ? 1 : self.bounds.count + 2 }
}

/// One metric with one set of label values: where its cells begin, the same place for every worker.
public struct MetricSeries: Sendable, Hashable, BitwiseCopyable {
    @usableFromInline let cell: UInt32
    @usableFromInline init(cell: UInt32) { self.cell = cell }

    /// Takes every value and shows none: what is left when the limit of series is reached.
    public static let discarded = MetricSeries(cell: 0)

    /// The series `cells` further on, in a group (``MetricRegistry/group(_:_:)``).
    @inlinable
    public func advanced(by cells: Int) -> MetricSeries {
        .init(cell: self.cell &+ UInt32(truncatingIfNeeded: cells))
    }
}
