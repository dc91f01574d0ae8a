internal import CPosternABI
internal import PosternSDK
internal import Synchronization

/// The shapes that one handler was shown; and records of them, lent for one call.
final class TestShapes: @unchecked Sendable {
    // SAFETY: made once for each content, never changed or freed: a test's shapes are few.
    private let known = Mutex<[TestShape: UInt]>([:])

    /// What is lent is overwritten when `body` has returned, so that what was kept of it shows.
    func withRecords(_ records: [TestRecord], _ body: (UnsafePointer<postern_record>?) -> Void) {
        let memory = StreamMemory(bytes: 16)
        defer { memory.forgetLent() }
        let lent = records.map { record in
            precondition(
                record.values.count == record.shape.columns.count, "a record has a value for each column")
            return postern_record(
                shape: self.shape(record.shape), values: memory.keep(record.values.map { $0.lent(memory) }),
                time_ns: UInt64(bitPattern: record.time), series: record.series.map { $0.lent(memory) })
        }
        body(memory.keep(lent))
    }

    private func shape(_ shape: TestShape) -> UnsafePointer<postern_shape>? {
        let address = self.known.withLock { known -> UInt in
            if let address = known[shape] { return address }
            let address = UInt(bitPattern: Self.made(shape, number: UInt32(known.count)))
            known[shape] = address
            return address
        }
        return UnsafePointer(bitPattern: address)
    }

    private static func made(_ shape: TestShape, number: UInt32) -> UnsafePointer<postern_shape> {
        let columns = shape.columns.map {
            postern_column(name: forEver(Array($0.utf8)), type: 0, reserved: 0)
        }
        let made = UnsafeMutablePointer<postern_shape>.allocate(capacity: 1)
        var value = postern_shape()
        value.size = MemoryLayout<postern_shape>.size
        value.number = number
        value.form = shape.template.number
        value.name = forEver(Array(shape.name.utf8))
        value.columns = UnsafePointer(copy(columns))
        value.column_count = columns.count
        value.series_kind =
            shape.series == .gauge ? 0 : shape.series == .counter ? 1 : UInt32(POSTERN_SERIES_HISTOGRAM)
        value.help = forEver(Array(shape.help.utf8))
        value.unit = forEver(Array(shape.unit.utf8))
        value.bounds = UnsafePointer(copy(shape.bounds))
        value.bound_count = shape.bounds.count
        made.initialize(to: value)
        return UnsafePointer(made)
    }
}

extension SeriesValue {
    func lent(_ memory: StreamMemory) -> UnsafePointer<postern_series_value> {
        var value = postern_series_value()
        value.size = MemoryLayout<postern_series_value>.size
        value.start_ns = UInt64(bitPattern: self.start.nanoseconds)
        value.value = self.value
        value.count = self.count
        value.buckets = self.buckets.isEmpty ? nil : UnsafePointer(memory.keep(self.buckets))
        return UnsafePointer(memory.keep([value]))
    }
}

extension TestValue {
    init(_ value: postern_value) {
        switch Int(value.type) {
        case POSTERN_STRING: self = .string(value.bytes.string ?? "")
        case POSTERN_INT64: self = .int64(value.integer)
        case POSTERN_DOUBLE: self = .double(value.number)
        case POSTERN_BOOL: self = .bool(value.integer != 0)
        case POSTERN_TIMESTAMP: self = .timestamp(value.integer)
        case POSTERN_DURATION: self = .duration(value.integer)
        case POSTERN_IP_ADDRESS: self = .ipAddress(value.bytes.copy ?? [])
        default: self = .absent
        }
    }

    func lent(_ memory: StreamMemory) -> postern_value {
        var value = postern_value()
        switch self {
        case .absent: break
        case .string(let text):
            value.type = UInt32(POSTERN_STRING)
            value.bytes = memory.lend(text.utf8)
        case .bytes(let bytes):
            value.type = UInt32(POSTERN_STRING)
            value.bytes = memory.lend(bytes)
        case .int64(let number):
            value.type = UInt32(POSTERN_INT64)
            value.integer = number
        case .double(let number):
            value.type = UInt32(POSTERN_DOUBLE)
            value.number = number
        case .bool(let flag):
            value.type = UInt32(POSTERN_BOOL)
            value.integer = flag ? 1 : 0
        case .timestamp(let nanoseconds):
            value.type = UInt32(POSTERN_TIMESTAMP)
            value.integer = nanoseconds
        case .duration(let nanoseconds):
            value.type = UInt32(POSTERN_DURATION)
            value.integer = nanoseconds
        case .ipAddress(let bytes):
            value.type = UInt32(POSTERN_IP_ADDRESS)
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

/// A copy that is never freed: a test's shapes are few.
private func copy<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
    memory.initialize(from: values, count: values.count)
    return memory
}

private func forEver(_ bytes: [UInt8]) -> postern_bytes {
    postern_bytes(ptr: UnsafePointer(copy(bytes)), len: bytes.count)
}
