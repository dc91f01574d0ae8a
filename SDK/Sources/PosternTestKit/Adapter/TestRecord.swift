public import PosternSDK

/// What the records of one instance look like.
public struct TestShape: Sendable, Hashable {
    /// What the instance is made by.
    public var template: Template
    /// The instance's name.
    public var name: String
    /// Its columns, in order; see docs/reference/templates.md for those that a template has itself.
    public var columns: [String]
    /// How a metric is counted.
    public var series: SeriesKind
    /// What a metric means.
    public var help: String
    /// A metric's unit.
    public var unit: String
    /// Upper bounds of a histogram.
    public var bounds: [Double]

    /// A shape with these columns.
    public init(
        _ template: Template, name: String = "instance", columns: [String] = [],
        series: SeriesKind = .counter,
        help: String = "", unit: String = "", bounds: [Double] = []
    ) {
        self.template = template
        self.name = name
        self.columns = columns
        self.series = series
        self.help = help
        self.unit = unit
        self.bounds = bounds
    }
}

/// A value of a record.
public enum TestValue: Sendable, Hashable {
    /// Not there.
    case absent
    /// Text.
    case string(String)
    /// Bytes that may be no text.
    case bytes([UInt8])
    /// A whole number.
    case int64(Int64)
    /// A number.
    case double(Double)
    /// True or false.
    case bool(Bool)
    /// Nanoseconds since 1970.
    case timestamp(Int64)
    /// Nanoseconds.
    case duration(Int64)
    /// 4 or 16 bytes.
    case ipAddress([UInt8])
}

/// What an instance made of a request.
public struct TestRecord: Sendable, Hashable {
    /// What it looks like.
    public var shape: TestShape
    /// One a column.
    public var values: [TestValue]
    /// Nanoseconds since 1970.
    public var time: Int64
    /// Of a metric.
    public var series: SeriesValue?

    /// A record of `shape`.
    public init(
        _ shape: TestShape, _ values: [TestValue], time: Int64 = 1_700_000_000_123_456_789,
        series: SeriesValue? = nil
    ) {
        self.shape = shape
        self.values = values
        self.time = time
        self.series = series
    }

    /// A record of a log: the columns `severity` and `timestamp`, then `variables`.
    public static func logEntry(
        severity: String = "info", time: Int64 = 1_700_000_000_123_456_789,
        _ variables: KeyValuePairs<String, TestValue>, name: String = "instance"
    ) -> TestRecord {
        TestRecord(
            TestShape(.logEntry, name: name, columns: ["severity", "timestamp"] + variables.map(\.key)),
            [.string(severity), .timestamp(time)] + variables.map(\.value), time: time)
    }
}

/// What became of a report.
public struct TestReport: Sendable, Hashable {
    /// What became of one record.
    public enum Outcome: UInt8, Sendable, Hashable {
        /// Taken.
        case delivered
        /// To be given again.
        case again
        /// Lost.
        case refused
    }
    /// Why none was taken; nil when the adapter went through them.
    public let problem: String?
    /// One a record.
    public let outcomes: [Outcome]
    /// How long the backend wants to be left alone; zero when nothing was said of that.
    public let retryAfter: Duration

    /// Whether every record was taken.
    public var isDelivered: Bool { self.problem == nil && self.outcomes.allSatisfy { $0 == .delivered } }
}
