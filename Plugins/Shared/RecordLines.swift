public import PosternSDK

/// Makes lines of records: log entries by format, metrics as JSON.
public final class RecordLines {
    private let format: LineFormat
    private let log: Log
    /// By the shape's number.
    private var plans: [LinePlan?] = []

    /// - Parameter log: Hears of columns that are named and not there.
    public init(_ format: LineFormat, log: Log) {
        self.format = format
        self.log = log
    }

    /// Appends a record's line, with its end.
    public func append(_ record: Record, to buffer: LineBuffer) {
        if record.series != nil { return MetricLine.append(record, to: buffer) }
        self.plan(record.shape).append(record, to: buffer)
    }

    private func plan(_ shape: Shape) -> LinePlan {
        let number = shape.number
        if number < self.plans.count, let known = self.plans[number] { return known }
        let plan =
            switch self.format {
            case .json(let columns, let omitsAbsent):
                LinePlan(columns: columns, omitsAbsent: omitsAbsent, shape)
            case .text(let template): LinePlan(template, shape)
            }
        for name in plan.unknown {
            self.log(.warning, "the instance '\(shape.name)' has no '\(name)', which lines should have")
        }
        while self.plans.count <= number { self.plans.append(nil) }
        self.plans[number] = plan
        return plan
    }
}

/// What lines of log entries look like.
public enum LineFormat: Sendable, Hashable {
    /// An object of these columns, or of all; absent ones are null or left out.
    case json(columns: [String]?, omitsAbsent: Bool)
    /// Text.
    case text(LineTemplate)
}
