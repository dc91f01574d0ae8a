internal import Adapting
internal import Primitives

/// The file that says how far a spool was delivered, and which records before that the handler wanted again.
final class SpoolPositionFile: @unchecked Sendable {
    // SAFETY: `position` is set in init; all else is the delivery thread's.
    /// As it was found; nil when there was none, or it was damaged.
    let position: SpoolPosition?
    private var written: SpoolPosition?
    private var hadRecords = false
    private var found: ByteBuffer?
    private let buffer = ByteBuffer(capacity: 256)

    init(_ folder: borrowing SpoolFolder) throws(SpoolFolder.Failure) {
        let found = try folder.readPosition()
        self.position = found?.withView {
            if case .block(let block) = SpoolBlock.read($0) { SpoolPosition(block) } else { nil }
        }
        self.found = found
        self.written = self.position
        self.hadRecords = (found?.count ?? 0) > SpoolBlock.head + 8
    }

    func restore(to batch: DeliveryBatch, _ define: (RecordShape) -> UInt32) {
        guard let found = self.found, self.position != nil else { return }
        self.found = nil
        defer { withExtendedLifetime(found) {} }
        var shapes: [UInt32: UInt32] = [:]
        var at = 0
        while case .block(let block) = SpoolBlock.read(found.view.dropFirst(at)) {
            at += block.size
            if block.kind == .shape, let (number, shape) = SpoolShape.read(block.payload) {
                shapes[number] = define(shape)
            }
            guard block.kind == .records else { continue }
            var from = 0
            while let record = QueuedRecord.read(block.payload, at: from) {
                from += record.size
                guard let shape = shapes[record.shape] else { continue }
                batch.append(QueuedRecord(shape: shape, time: record.time, values: record.values))
            }
        }
    }

    /// Whether writing would change the file.
    func isNew(_ position: SpoolPosition, _ batch: DeliveryBatch) -> Bool {
        position != self.written || self.hadRecords || !batch.isEmpty
    }

    func write(_ position: SpoolPosition, _ batch: DeliveryBatch, _ folder: borrowing SpoolFolder)
        throws(SpoolFolder.Failure)
    {
        self.buffer.reset(keeping: 64 * 1024)
        position.append(to: self.buffer)
        if !batch.isEmpty {
            var numbers: Set<UInt32> = []
            var at = 0
            while let record = QueuedRecord.read(batch.view, at: at) {
                at += record.size
                numbers.insert(record.shape)
            }
            for number in numbers.sorted() where Int(number) < batch.shapes.count {
                let payload = ByteBuffer(capacity: 1024)
                SpoolShape.append(batch.shapes[Int(number)], number: number, to: payload)
                payload.withView { SpoolBlock(kind: .shape, payload: $0).append(to: self.buffer) }
            }
            SpoolBlock(kind: .records, records: UInt32(batch.count), payload: batch.view)
                .append(to: self.buffer)
        }
        try folder.writePosition(self.buffer.view)
        self.written = position
        self.hadRecords = !batch.isEmpty
    }
}
