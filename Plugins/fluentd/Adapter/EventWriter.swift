internal import PosternSDK

/// Makes events of records: `[time, { column: value }]`, without what is absent.
struct EventWriter {
    /// What does not change for the records of a shape.
    private struct Plan {
        let tag: String
        let timestamp: Int?
        /// Columns, with their names as they stand in a map.
        let columns: [(key: [UInt8], column: Int)]
    }

    private let columns: [String]?
    private let tag: String
    private var plans: [Plan?] = []

    init(columns: [String]?, tag: String) {
        self.columns = columns
        self.tag = tag
    }

    mutating func tag(of shape: Shape) -> String { self.plan(shape).tag }

    mutating func append(_ record: Record, to out: inout [UInt8]) {
        let plan = self.plan(record.shape)
        out.pack(array: 2)
        if let column = plan.timestamp, case .timestamp(let moment) = record[column] {
            out.pack(eventTime: moment)
        } else {
            out.pack(eventTime: record.time)
        }
        var count = 0
        for (_, column) in plan.columns {
            if case .absent = record[column] { continue }
            count += 1
        }
        out.pack(map: count)
        for (key, column) in plan.columns {
            switch record[column] {
            case .absent: continue
            case .string(let bytes):
                out += key
                out.pack(text: bytes)
            case .int64(let number):
                out += key
                out.pack(number: number)
            case .double(let number):
                out += key
                out.pack(double: number)
            case .bool(let flag):
                out += key
                out.pack(flag: flag)
            default:
                out += key
                var text: [UInt8] = []
                record[column].append(to: &text)
                out.pack(text: text.span)
            }
        }
    }

    private mutating func plan(_ shape: Shape) -> Plan {
        let number = shape.number
        if number < self.plans.count, let known = self.plans[number] { return known }
        let names = self.columns ?? shape.columnNames.filter { $0 != "timestamp" }
        let plan = Plan(
            tag: self.tag.replacing("{instance}", with: shape.name), timestamp: shape.column("timestamp"),
            columns: names.compactMap { name in
                shape.column(name).map { column in
                    var key: [UInt8] = []
                    key.pack(text: name)
                    return (key, column)
                }
            })
        while self.plans.count <= number { self.plans.append(nil) }
        self.plans[number] = plan
        return plan
    }
}
