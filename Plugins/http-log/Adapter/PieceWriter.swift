internal import PluginSupport
internal import PosternSDK

/// Makes of each record its piece of a body, and bodies of pieces.
final class PieceWriter {
    private let format: BodyFormat
    private let lines: RecordLines
    private let isText: Bool
    private let line = LineBuffer()
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Of Loki: the labels of each record.
    private var streams: [[UInt8]] = []
    private var plans: [Plan?] = []

    private struct Plan {
        let timestamp: Int?
        /// Of Loki: columns that are labels, with `,"name":` before each.
        let labels: [(prefix: [UInt8], column: Int)]
    }

    init(_ format: BodyFormat, _ line: LineFormat, log: Log) {
        self.format = format
        self.lines = RecordLines(line, log: log)
        if case .text = line { self.isText = true } else { self.isText = false }
    }

    /// Forgets all.
    func begin() {
        self.bytes.removeAll(keepingCapacity: true)
        self.ends.removeAll(keepingCapacity: true)
        self.streams.removeAll(keepingCapacity: true)
    }

    var count: Int { self.ends.count }

    func size(_ index: Int) -> Int { self.ends[index] - (index == 0 ? 0 : self.ends[index - 1]) }

    func append(_ record: Record) {
        let plan = self.plan(record.shape)
        self.line.truncate()
        self.lines.append(record, to: self.line)
        var moment = record.time
        if let column = plan.timestamp, case .timestamp(let own) = record[column] { moment = own }
        switch self.format {
        case .lines: self.bytes += self.line.bytes
        case .array: self.bytes += self.line.bytes.dropLast()
        case .elasticsearch(let before, let isDated, let after):
            self.bytes += before
            if isDated { self.append(date: moment) }
            self.bytes += after
            self.bytes += Array("{\"@timestamp\":\"".utf8)
            moment.append(to: &self.bytes)
            let object = self.line.bytes.dropFirst()
            self.bytes += Array((object.first == 0x7D ? "\"" : "\",").utf8)
            self.bytes += object
        case .splunk(let members):
            self.bytes += Array("{\"time\":".utf8)
            self.bytes.append(number: moment.nanoseconds / 1_000_000_000)
            self.bytes.append(0x2E)
            self.bytes.append(number: moment.nanoseconds % 1_000_000_000 / 1_000_000, width: 3)
            self.bytes += members
            self.bytes += Array(",\"event\":".utf8)
            let line = Array(self.line.bytes.dropLast())
            if self.isText { self.bytes.append(jsonString: line.span) } else { self.bytes += line }
            self.bytes.append(0x7D)
        case .loki(let labels, _):
            self.bytes += Array("[\"".utf8)
            self.bytes.append(number: moment.nanoseconds)
            self.bytes += Array("\",".utf8)
            self.bytes.append(jsonString: Array(self.line.bytes.dropLast()).span)
            self.bytes.append(0x5D)
            self.streams.append(self.stream(record, labels, plan))
        }
        self.ends.append(self.bytes.count)
    }

    /// A body of some of the records.
    func body(_ part: ArraySlice<Int>) -> [UInt8] {
        var body: [UInt8] = []
        switch self.format {
        case .lines, .elasticsearch, .splunk:
            for index in part { body += self.bytes[self.start(index)..<self.ends[index]] }
        case .array:
            body.append(0x5B)
            for index in part {
                if index != part.first { body.append(0x2C) }
                body += self.bytes[self.start(index)..<self.ends[index]]
            }
            body.append(0x5D)
        case .loki:
            body += Array("{\"streams\":[".utf8)
            let groups = Dictionary(grouping: part) { self.streams[$0] }
            let sorted = groups.sorted { $0.value[0] < $1.value[0] }
            for (number, (labels, indices)) in sorted.enumerated() {
                body += Array((number > 0 ? ",{\"stream\":{" : "{\"stream\":{").utf8)
                body += labels
                body += Array("},\"values\":[".utf8)
                for index in indices {
                    if index != indices.first { body.append(0x2C) }
                    body += self.bytes[self.start(index)..<self.ends[index]]
                }
                body += Array("]}".utf8)
            }
            body += Array("]}".utf8)
        }
        return body
    }

    private func start(_ index: Int) -> Int { index == 0 ? 0 : self.ends[index - 1] }

    private func stream(_ record: Record, _ labels: [UInt8], _ plan: Plan) -> [UInt8] {
        var stream = labels
        for (prefix, column) in plan.labels {
            let value = record[column]
            if case .absent = value { continue }
            stream += prefix
            var text: [UInt8] = []
            value.append(to: &text)
            stream.append(jsonString: text.span)
        }
        return stream
    }

    /// `2023.11.14`
    private func append(date moment: Timestamp) {
        let parts = moment.parts
        self.bytes.append(number: Int64(parts.year), width: 4)
        self.bytes.append(0x2E)
        self.bytes.append(number: Int64(parts.month), width: 2)
        self.bytes.append(0x2E)
        self.bytes.append(number: Int64(parts.day), width: 2)
    }

    private func plan(_ shape: Shape) -> Plan {
        let number = shape.number
        if number < self.plans.count, let known = self.plans[number] { return known }
        var columns: [String] = []
        if case .loki(_, let names) = self.format { columns = names }
        let plan = Plan(
            timestamp: shape.column("timestamp"),
            labels: columns.compactMap { name in
                shape.column(name).map { (Array(",\"\(name)\":".utf8), $0) }
            })
        while self.plans.count <= number { self.plans.append(nil) }
        self.plans[number] = plan
        return plan
    }
}
