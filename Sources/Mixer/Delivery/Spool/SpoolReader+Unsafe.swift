internal import Adapting
internal import Primitives

/// Reads the segments of a spool, one after the other; damaged bytes are skipped.
final class SpoolReader: @unchecked Sendable {
    // SAFETY: one delivery thread at a time uses it.
    private(set) var position: SpoolPosition
    private var file: SpoolFile?
    /// By the segment's number of them: that of the handler.
    private var shapes: [UInt32: UInt32] = [:]
    /// Bytes of the segment from `windowStart` on; the block that is read next begins at `offset`.
    private let window = ByteBuffer(capacity: 64 * 1024)
    private var windowStart = 0
    private var offset = 0
    /// Where, in the window, the next record of the block at `offset` is; nil: the block was not looked at
    /// yet.
    private var record: Int?
    private var blockSize = 0
    private var blockEnd: UInt64 = 0

    /// Records that will never be read.
    struct Damage: Sendable {
        var records = 0
        /// Why, when it was not damaged bytes.
        var failure: SpoolFolder.Failure?
    }
    private static let portion = 256 * 1024

    init(_ position: SpoolPosition) { self.position = position }

    /// Moves records into `batch` until it is full, or nothing is left.
    ///
    /// - Parameter define: Gives the handler's number of a shape.
    /// - Returns: What was lost on the way.
    func move(
        to batch: DeliveryBatch, _ folder: borrowing SpoolFolder, _ index: SpoolIndex,
        _ define: (RecordShape) -> UInt32
    ) -> Damage {
        var damage = Damage()
        while !batch.isFull {
            if self.record != nil {
                self.readRecords(batch, &damage)
                continue
            }
            guard let (segment, isLast) = index.segment(from: self.position.segment) else { break }
            if segment.number != self.position.segment { self.begin(segment, &damage) }
            guard self.offset < segment.size else {
                if isLast { break }
                guard let next = index.segment(from: segment.number + 1)?.segment else { break }
                self.begin(next, &damage)
                continue
            }
            do {
                try self.readBlock(folder, segment, define, &damage)
            } catch {
                damage.failure = error
                if error.isPassing { break }
                // What cannot be read is as if it were not there; what follows may be.
                self.offset = segment.size
                if isLast {
                    self.lose(upTo: index.nextSequence, &damage)
                    break
                }
            }
        }
        return damage
    }

    /// Goes on with another segment.
    private func begin(_ segment: SpoolIndex.Segment, _ damage: inout Damage) {
        if let first = segment.firstSequence { self.lose(upTo: first, &damage) }
        self.position.segment = segment.number
        self.offset = 0
        self.file = nil
        self.shapes = [:]
        self.window.reset(keeping: Self.portion)
        self.windowStart = 0
    }

    private func lose(upTo sequence: UInt64, _ damage: inout Damage) {
        guard sequence > self.position.sequence else { return }
        damage.records += Int(clamping: sequence - self.position.sequence)
        self.position.sequence = sequence
    }

    private func readBlock(
        _ folder: borrowing SpoolFolder, _ segment: SpoolIndex.Segment, _ define: (RecordShape) -> UInt32,
        _ damage: inout Damage
    ) throws(SpoolFolder.Failure) {
        try self.load(folder, segment, SpoolBlock.head)
        var reading = SpoolBlock.read(self.rest)
        if case .short(let needed) = reading, self.offset + needed <= segment.size {
            try self.load(folder, segment, needed)
            reading = SpoolBlock.read(self.rest)
        }
        guard case .block(let block) = reading else {
            self.offset += max(SpoolBlock.distanceToNext(self.rest), 1)
            return
        }
        if block.kind == .shape, let (number, shape) = SpoolShape.read(block.payload) {
            self.shapes[number] = define(shape)
        }
        let end = block.sequence + UInt64(block.records)
        guard block.kind == .records, end > self.position.sequence else {
            self.offset += block.size
            return
        }
        self.lose(upTo: block.sequence, &damage)
        self.blockSize = block.size
        self.blockEnd = end
        var at = self.offset - self.windowStart + SpoolBlock.head
        // What was delivered of it before.
        for _ in 0..<Int(clamping: self.position.sequence - block.sequence) {
            guard let record = QueuedRecord.read(block.payload, at: at - self.payloadStart) else { break }
            at += record.size
        }
        self.record = at
    }

    /// The window from the block on.
    private var rest: ByteView { self.window.view.dropFirst(self.offset - self.windowStart) }
    private var payloadStart: Int { self.offset - self.windowStart + SpoolBlock.head }

    /// Moves records of the block at `offset`.
    private func readRecords(_ batch: DeliveryBatch, _ damage: inout Damage) {
        guard let start = self.record else { return }
        let payload = self.window.view.slice(
            from: self.payloadStart, to: self.payloadStart + self.blockSize - SpoolBlock.head)
        var at = start
        while !batch.isFull, self.position.sequence < self.blockEnd,
            let record = QueuedRecord.read(payload, at: at - self.payloadStart)
        {
            at += record.size
            self.position.sequence += 1
            if let shape = self.shapes[record.shape] {
                batch.append(QueuedRecord(shape: shape, time: record.time, values: record.values))
            } else {
                damage.records += 1
            }
        }
        self.record = at
        guard !batch.isFull || self.position.sequence >= self.blockEnd else { return }
        // A block that has fewer records than it says.
        self.lose(upTo: self.blockEnd, &damage)
        self.record = nil
        self.offset += self.blockSize
    }

    /// Makes the window hold at least `needed` bytes from `offset` on, if the segment has them.
    private func load(_ folder: borrowing SpoolFolder, _ segment: SpoolIndex.Segment, _ needed: Int)
        throws(SpoolFolder.Failure)
    {
        let behind = self.offset - self.windowStart
        if behind >= self.window.count {
            self.window.reset()
            self.windowStart = self.offset
        } else if self.window.count - behind >= needed {
            return
        } else {
            self.window.consume(behind)
            self.window.compact()
            self.windowStart = self.offset
        }
        let file: SpoolFile
        if let open = self.file { file = open } else { file = try folder.open(segment: segment.number) }
        self.file = file
        while self.window.count < needed {
            let from = self.windowStart + self.window.count
            let most = min(max(needed - self.window.count, Self.portion), segment.size - from)
            guard most > 0, try file.read(into: self.window, at: from, most: most) > 0 else { return }
        }
    }
}
