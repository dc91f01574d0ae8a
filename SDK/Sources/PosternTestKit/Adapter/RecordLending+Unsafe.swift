internal import CPosternABI
internal import PosternSDK
internal import Synchronization

/// The shapes that one handler was shown, by number; and records of them, lent for one call.
final class TestShapes: Sendable {
    // SAFETY: what is lent lies in memory of the call's own, which lives until `body` has returned.
    private let known = Mutex<[TestShape: UInt32]>([:])

    /// What is lent is overwritten when `body` has returned, so that what was kept of it shows.
    func withRecords(_ records: [TestRecord], _ body: (UnsafePointer<postern_record>?) -> Void) {
        let memory = StreamMemory(bytes: 16)
        defer { memory.forgetLent() }
        let lent = records.map { record in
            precondition(
                record.values.count == record.shape.columns.count, "a record has a value for each column")
            var lent = postern_record()
            lent.size = MemoryLayout<postern_record>.size
            lent.shape = self.lend(record.shape, memory)
            lent.values = UnsafePointer(memory.keep(record.values.map { $0.lent(memory) }))
            lent.time_ns = record.time
            lent.series = record.series.map { $0.lent(memory) }
            return lent
        }
        body(memory.keep(lent))
    }

    private func number(of shape: TestShape) -> UInt32 {
        self.known.withLock { known in
            if let number = known[shape] { return number }
            known[shape] = UInt32(known.count)
            return UInt32(known.count - 1)
        }
    }

    private func lend(_ shape: TestShape, _ memory: StreamMemory) -> UnsafePointer<postern_shape> {
        let columns = shape.columns.map {
            postern_column(
                name: memory.lend($0.utf8), type: UInt32(POSTERN_VALUE_ABSENT), reserved: 0)
        }
        var value = postern_shape()
        value.size = MemoryLayout<postern_shape>.size
        value.number = self.number(of: shape)
        value.template_id = shape.template.number
        value.name = memory.lend(shape.name.utf8)
        value.columns = UnsafePointer(memory.keep(columns))
        value.column_bytes = MemoryLayout<postern_column>.stride
        value.column_count = columns.count
        if shape.template == .metric { value.metric_kind = shape.series.kind }
        value.help = memory.lend(shape.help.utf8)
        value.unit = memory.lend(shape.unit.utf8)
        value.bounds = UnsafePointer(memory.keep(shape.bounds))
        value.bound_count = shape.bounds.count
        return UnsafePointer(memory.keep([value]))
    }
}

extension SeriesKind {
    fileprivate var kind: postern_metric_kind {
        if self == .gauge { return postern_metric_kind(POSTERN_METRIC_GAUGE) }
        let isCounter = self == .counter
        return postern_metric_kind(isCounter ? POSTERN_METRIC_COUNTER : POSTERN_METRIC_HISTOGRAM)
    }
}

extension SeriesValue {
    func lent(_ memory: StreamMemory) -> UnsafePointer<postern_series_value> {
        var value = postern_series_value()
        value.size = MemoryLayout<postern_series_value>.size
        value.start_ns = self.start.nanoseconds
        value.value = self.value
        value.count = self.count
        value.buckets = self.buckets.isEmpty ? nil : UnsafePointer(memory.keep(self.buckets))
        return UnsafePointer(memory.keep([value]))
    }
}

extension TestValue {
    init(_ value: postern_value) {
        switch Int(value.type) {
        case POSTERN_VALUE_STRING: self = .string(value.bytes.string ?? "")
        case POSTERN_VALUE_INT64: self = .int64(value.integer)
        case POSTERN_VALUE_DOUBLE: self = .double(value.number)
        case POSTERN_VALUE_BOOL: self = .bool(value.integer != 0)
        case POSTERN_VALUE_TIMESTAMP: self = .timestamp(value.integer)
        case POSTERN_VALUE_DURATION: self = .duration(value.integer)
        case POSTERN_VALUE_IP_ADDRESS: self = .ipAddress(value.bytes.copy ?? [])
        default: self = .absent
        }
    }

    func lent(_ memory: StreamMemory) -> postern_value {
        var value = postern_value()
        switch self {
        case .absent: break
        case .string(let text):
            value.type = UInt32(POSTERN_VALUE_STRING)
            value.bytes = memory.lend(text.utf8)
        case .bytes(let bytes):
            value.type = UInt32(POSTERN_VALUE_STRING)
            value.bytes = memory.lend(bytes)
        case .int64(let number):
            value.type = UInt32(POSTERN_VALUE_INT64)
            value.integer = number
        case .double(let number):
            value.type = UInt32(POSTERN_VALUE_DOUBLE)
            value.number = number
        case .bool(let flag):
            value.type = UInt32(POSTERN_VALUE_BOOL)
            value.integer = flag ? 1 : 0
        case .timestamp(let nanoseconds):
            value.type = UInt32(POSTERN_VALUE_TIMESTAMP)
            value.integer = nanoseconds
        case .duration(let nanoseconds):
            value.type = UInt32(POSTERN_VALUE_DURATION)
            value.integer = nanoseconds
        case .ipAddress(let bytes):
            value.type = UInt32(POSTERN_VALUE_IP_ADDRESS)
            value.bytes = memory.lend(bytes)
        }
        return value
    }
}

extension StreamMemory {
    /// A copy of trivial values that lives until the present call returns.
    func keep<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
        let bytes = values.withUnsafeBytes { Array($0) }
        let copy = self.lend(bytes, alignment: 16)
        return copy.bindMemory(to: Element.self, capacity: max(values.count, 1))
    }
}
