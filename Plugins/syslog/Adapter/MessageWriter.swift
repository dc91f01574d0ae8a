internal import PluginSupport
internal import PosternSDK

/// Makes messages of records (RFC 5424).
final class MessageWriter {
    /// What does not change for the records of a shape.
    private struct Plan {
        let severity: Int?
        let timestamp: Int?
        /// `MSGID `
        let id: [UInt8]
        /// Columns in the structured data, each with ` name="` before it.
        let data: [(prefix: [UInt8], column: Int)]
    }

    private let format: MessageFormat
    private let lines: RecordLines
    private var plans: [Plan?] = []

    init(_ format: MessageFormat, log: Log) {
        self.format = format
        self.lines = RecordLines(format.line, log: log)
    }

    /// Appends a message.
    ///
    /// - Returns: Whether it was cut.
    func append(_ record: Record, to buffer: LineBuffer) -> Bool {
        let plan = self.plan(record.shape)
        let start = buffer.count
        let severity = plan.severity.map { Self.number(record[$0]) } ?? 6
        buffer.append(0x3C)
        buffer.append(number: Int64(self.format.facility * 8 + severity))
        buffer.append(">1 ")
        if let column = plan.timestamp, case .timestamp(let moment) = record[column] {
            buffer.append(moment)
        } else {
            buffer.append(record.time)
        }
        buffer.append(self.format.origin)
        buffer.append(plan.id)
        self.appendData(record, plan, to: buffer)
        buffer.append(0x20)
        self.lines.append(record, to: buffer)
        buffer.truncate(to: buffer.count - 1)
        return buffer.cut(from: start, to: self.format.maxSize)
    }

    private func appendData(_ record: Record, _ plan: Plan, to buffer: LineBuffer) {
        guard let id = self.format.structuredData?.id else { return buffer.append(0x2D) }
        buffer.append(0x5B)
        buffer.append(text: id)
        for (prefix, column) in plan.data {
            let value = record[column]
            if case .absent = value { continue }
            buffer.append(prefix)
            if case .string(let bytes) = value {
                buffer.append(parameter: bytes)
            } else {
                buffer.append(value)
            }
            buffer.append(0x22)
        }
        buffer.append(0x5D)
    }

    private func plan(_ shape: Shape) -> Plan {
        let number = shape.number
        if number < self.plans.count, let known = self.plans[number] { return known }
        let id = shape.name.utf8.prefix(32).map { $0 > 0x20 && $0 < 0x7F ? $0 : 0x5F }
        let plan = Plan(
            severity: shape.column("severity"), timestamp: shape.column("timestamp"),
            id: (id.isEmpty ? [0x2D] : id) + [0x20],
            data: (self.format.structuredData?.columns ?? []).compactMap { name in
                shape.column(name).map { (Self.prefix(name), $0) }
            })
        while self.plans.count <= number { self.plans.append(nil) }
        self.plans[number] = plan
        return plan
    }

    /// ` name="` with what a name may have.
    private static func prefix(_ name: String) -> [UInt8] {
        let bytes = name.utf8.prefix(32).map {
            $0 > 0x20 && $0 < 0x7F && $0 != 0x3D && $0 != 0x5D && $0 != 0x22 ? $0 : 0x5F
        }
        return [0x20] + bytes + [0x3D, 0x22]
    }

    /// Severities by the names that people give them; what is unknown is "informational".
    private static func number(_ value: borrowing Value) -> Int {
        switch value {
        case .int64(let number): return (0...7).contains(number) ? Int(number) : 6
        case .string(let bytes):
            guard bytes.count > 2 else { return 6 }
            // Two letters tell them apart.
            switch (bytes[0] | 0x20, bytes[1] | 0x20) {
            case (0x65, 0x6D), (0x70, 0x61): return 0  // emergency, panic
            case (0x61, 0x6C): return 1  // alert
            case (0x63, 0x72), (0x66, 0x61): return 2  // critical, fatal
            case (0x65, 0x72): return 3  // error
            case (0x77, 0x61): return 4  // warning
            case (0x6E, 0x6F): return 5  // notice
            case (0x64, 0x65), (0x74, 0x72): return 7  // debug, trace
            default: return 6
            }
        default: return 6
        }
    }
}

extension LineBuffer {
    /// Appends the value of a parameter of structured data: without control characters, with `"`, `\` and `]`
    /// escaped.
    fileprivate func append(parameter bytes: Span<UInt8>) {
        let start = self.count
        self.append(printable: bytes)
        self.insertBackslashes(from: start) { $0 == 0x22 || $0 == 0x5C || $0 == 0x5D }
    }
}
