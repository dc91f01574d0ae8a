internal import Adapting
internal import CPosternABI
internal import Primitives

/// The records that are given to a handler next, or are being given, in memory that is used again and again.
final class DeliveryBatch: @unchecked Sendable {
    // SAFETY: one delivery thread at a time uses it. The arrays have `recordRoom` and `valueRoom` places, all
    // initialised (the types are trivial), and are freed in deinit; pointers into `bytes` are made in
    // `present`, after the last append, and used until it returns.
    private let bytes = ByteBuffer(capacity: 4096)
    private var records: UnsafeMutablePointer<postern_record>
    private var outcomes: UnsafeMutablePointer<postern_outcome>
    private var recordRoom: Int
    private var values: UnsafeMutablePointer<postern_value>
    private var valueRoom: Int
    /// How many records there are.
    private(set) var count = 0
    /// How often its oldest record was given before.
    var attempt: UInt32 = 0
    /// Those of the handler, by number; set before a record of a new one is appended.
    var shapes: [RecordShape] = []
    private var columns = 0
    /// Most records, and most bytes of them and of what is made of them; one record is always taken.
    private let limit: Int
    private let byteLimit: Int

    init(limit: Int, byteLimit: Int) {
        self.limit = max(limit, 1)
        self.byteLimit = byteLimit
        self.recordRoom = 16
        self.valueRoom = 64
        self.records = .allocate(capacity: self.recordRoom)
        self.outcomes = .allocate(capacity: self.recordRoom)
        self.values = .allocate(capacity: self.valueRoom)
    }

    deinit {
        self.records.deallocate()
        self.outcomes.deallocate()
        self.values.deallocate()
    }

    var isEmpty: Bool { self.count == 0 }
    var isFull: Bool {
        self.count >= self.limit || (self.count > 0 && self.need >= self.byteLimit)
    }
    /// Bytes that the records, and the arrays made of them, take.
    private var need: Int {
        self.bytes.count + self.count * (MemoryLayout<postern_record>.stride + 1)
            + self.columns * MemoryLayout<postern_value>.stride
    }

    /// Memory in use.
    var footprint: Int {
        self.bytes.capacity + self.recordRoom * (MemoryLayout<postern_record>.stride + 1)
            + self.valueRoom * MemoryLayout<postern_value>.stride
    }

    /// When the oldest record was made.
    var oldestTime: UInt64? { QueuedRecord.read(self.bytes.view, at: 0)?.time }

    /// All of its records, as they lie in a queue.
    var view: ByteView { self.bytes.view }

    func append(_ record: QueuedRecord) {
        record.append(to: self.bytes)
        self.count += 1
        self.columns += self.columns(of: record)
    }

    private func columns(of record: QueuedRecord) -> Int {
        Int(record.shape) < self.shapes.count ? self.shapes[Int(record.shape)].columns.count : 0
    }

    func removeAll() {
        self.bytes.reset(keeping: 1 << 20)
        self.count = 0
        self.columns = 0
        self.attempt = 0
    }

    /// Calls `body` with the records as adapters see them.
    ///
    /// - Returns: What `body` returned, and how many records could not be read by their shape and were taken
    ///   out before.
    /// - Parameter deadline: After which the handler's answer is not waited for.
    func present(
        isLast: Bool, by deadline: MonotonicTime? = nil,
        _ body: (UnsafePointer<postern_batch>, UnsafeMutablePointer<postern_outcome>) -> ReportAnswer
    ) -> (answer: ReportAnswer, unreadable: Int) {
        let unreadable = self.fill()
        var batch = postern_batch(self.records, count: self.count)
        batch.attempt = self.attempt
        batch.flags = isLast ? POSTERN_BATCH_LAST : 0
        batch.deadline_ns = deadline?.nanoseconds ?? 0
        self.outcomes.update(repeating: postern_outcome(POSTERN_OUTCOME_DELIVERED), count: max(self.count, 1))
        return (body(&batch, self.outcomes), unreadable)
    }

    /// Takes out what was delivered or refused; the others stay, in their order.
    func settle() -> (delivered: Int, refused: Int, again: Int) {
        var (delivered, refused, kept) = (0, 0, 0)
        var (from, to, columns) = (0, 0, 0)
        let base = self.bytes.base + self.bytes.readIndex
        for index in 0..<self.count {
            guard let record = QueuedRecord.read(self.bytes.view, at: from) else { break }
            switch self.outcomes[index] {
            case postern_outcome(POSTERN_OUTCOME_DELIVERED): delivered += 1
            case postern_outcome(POSTERN_OUTCOME_AGAIN):
                // SAFETY: both ranges lie within the bytes written, `to` not behind `from`.
                (base + to).copyMemory(from: base + from, byteCount: record.size)
                to += record.size
                kept += 1
                columns += self.columns(of: record)
            default: refused += 1
            }
            from += record.size
        }
        if kept == 0 {
            self.removeAll()
        } else {
            self.bytes.writeIndex = self.bytes.readIndex + to
            self.count = kept
            self.columns = columns
            self.attempt &+= 1
        }
        return (delivered, refused, kept)
    }

    /// Makes the arrays; takes out what is no record.
    private func fill() -> Int {
        self.makeRoom()
        var (index, from, to, value) = (0, 0, 0, 0)
        let total = self.count
        let base = self.bytes.base + self.bytes.readIndex
        for _ in 0..<total {
            guard let record = QueuedRecord.read(self.bytes.view, at: from) else { break }
            let size = record.size
            if Int(record.shape) < self.shapes.count {
                let shape = self.shapes[Int(record.shape)]
                // SAFETY: as in `settle`; what is read afterwards is the copy.
                if to != from { (base + to).copyMemory(from: base + from, byteCount: size) }
                let start = to + QueuedRecord.head
                let bytes = self.bytes.view.slice(from: start, to: start + record.values.count)
                if RecordReader.read(bytes, shape, into: self.values + value) {
                    self.records[index] = postern_record(
                        shape.abi, self.values + value, time: record.time)
                    value += shape.columns.count
                    index += 1
                    to += size
                }
            }
            from += size
        }
        self.bytes.writeIndex = self.bytes.readIndex + to
        self.count = index
        self.columns = value
        return total - index
    }

    /// Enough places for all records and their values, so that nothing moves while they are filled in.
    private func makeRoom() {
        if self.count > self.recordRoom {
            self.records.deallocate()
            self.outcomes.deallocate()
            self.recordRoom = self.count
            self.records = .allocate(capacity: self.recordRoom)
            self.outcomes = .allocate(capacity: self.recordRoom)
        }
        if self.columns > self.valueRoom {
            self.values.deallocate()
            self.valueRoom = self.columns
            self.values = .allocate(capacity: self.valueRoom)
        }
    }
}

extension postern_batch {
    init(_ records: UnsafePointer<postern_record>, count: Int) {
        self.init()
        self.size = MemoryLayout<postern_batch>.size
        self.records = records
        self.record_bytes = MemoryLayout<postern_record>.stride
        self.count = count
    }
}
