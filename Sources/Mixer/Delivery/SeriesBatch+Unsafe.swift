internal import Adapting
internal import CPosternABI
internal import Primitives

/// Copies of a handler's series, for reports of them; memory that is used again.
final class SeriesBatch: @unchecked Sendable {
    // SAFETY: one delivery thread at a time uses it. `bytes` holds, for each series, its values, its
    // postern_series_value, its buckets and the bytes of its values, all 16-byte aligned; offsets are turned
    // into pointers in `present`, after the last append, and used until it returns.
    private struct Entry {
        let shape: UnsafePointer<postern_shape>
        let time: Int64
        let values: Int
        let valueCount: Int
        let series: Int?
    }
    private let bytes = ByteBuffer(capacity: 4096)
    private var entries: [Entry] = []

    var count: Int { self.entries.count }

    func removeAll() {
        self.entries.removeAll(keepingCapacity: true)
        self.bytes.reset(keeping: 1 << 20)
    }

    func append(_ record: UnsafePointer<postern_record>) {
        let source = record.pointee
        guard let shape = source.shape else { return }
        let count = shape.pointee.column_count
        let values = self.place(MemoryLayout<postern_value>.stride * count)
        for index in 0..<count {
            guard var value = source.values?[index] else { return }
            if let text = value.text {
                value.bytes = postern_bytes()
                if let start = text.ptr, text.len > 0 {
                    let place = self.place(text.len)
                    (self.bytes.base + place).copyMemory(from: start, byteCount: text.len)
                    // An offset until `present`.
                    value.bytes = postern_bytes(ptr: UnsafePointer(bitPattern: place + 1), len: text.len)
                }
            }
            self.store(value, at: values + MemoryLayout<postern_value>.stride * index)
        }
        self.entries.append(
            Entry(
                shape: shape, time: source.time_ns, values: values, valueCount: count,
                series: source.series.map { self.copy($0.pointee, bounds: shape.pointee.bound_count) }))
    }

    private func copy(_ source: postern_series_value, bounds: Int) -> Int {
        var series = source
        if let buckets = source.buckets {
            let size = (bounds + 1) * MemoryLayout<UInt64>.stride
            let place = self.place(size)
            (self.bytes.base + place).copyMemory(from: buckets, byteCount: size)
            series.buckets = UnsafePointer(bitPattern: place + 8)
        }
        let at = self.place(MemoryLayout<postern_series_value>.stride)
        self.store(series, at: at)
        return at
    }

    private func place(_ bytes: Int) -> Int {
        let size = (bytes + 15) & ~15
        self.bytes.reserve(size)
        let offset = self.bytes.writeIndex
        self.bytes.writeIndex += size
        return offset
    }

    private func store<Value>(_ value: Value, at offset: Int) {
        (self.bytes.base + offset).storeBytes(of: value, as: Value.self)
    }

    /// Gives the records to `body`, `limit` at a time, until it returns false.
    func present(
        limit: Int, _ body: (UnsafePointer<postern_batch>, UnsafeMutablePointer<postern_outcome>) -> Bool
    ) {
        let records = self.entries.map(self.record)
        var start = 0
        while start < records.count {
            let count = min(max(limit, 1), records.count - start)
            let goesOn = records.withUnsafeBufferPointer { records in
                withUnsafeTemporaryAllocation(of: postern_outcome.self, capacity: count) { outcomes in
                    outcomes.initialize(repeating: postern_outcome(POSTERN_OUTCOME_DELIVERED))
                    guard let first = records.baseAddress, let outcome = outcomes.baseAddress else {
                        return false
                    }
                    var batch = postern_batch(first + start, count: count)
                    return body(&batch, outcome)
                }
            }
            guard goesOn else { return }
            start += count
        }
    }

    private func record(_ entry: Entry) -> postern_record {
        let base = self.bytes.base
        let values = (base + entry.values).assumingMemoryBound(to: postern_value.self)
        for index in 0..<entry.valueCount {
            guard let offset = values[index].text?.ptr else { continue }
            values[index].bytes.ptr = UnsafePointer(
                (base + (Int(bitPattern: offset) - 1)).assumingMemoryBound(to: UInt8.self))
        }
        var series: UnsafePointer<postern_series_value>?
        if let at = entry.series {
            let value = (base + at).assumingMemoryBound(to: postern_series_value.self)
            if let offset = value.pointee.buckets {
                value.pointee.buckets = UnsafePointer(
                    (base + (Int(bitPattern: offset) - 8)).assumingMemoryBound(to: UInt64.self))
            }
            series = UnsafePointer(value)
        }
        return postern_record(
            size: MemoryLayout<postern_record>.size, shape: entry.shape, values: values, time_ns: entry.time,
            series: series, flags: 0, reserved: 0)
    }
}
