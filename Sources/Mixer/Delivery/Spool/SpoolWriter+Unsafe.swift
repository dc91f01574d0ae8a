internal import Adapting
internal import Primitives

/// Puts records into the newest segment of a spool.
final class SpoolWriter: @unchecked Sendable {
    // SAFETY: used with the spool's writer lock held only.
    private let limit: Int
    private var file: SpoolFile
    private var number: UInt64
    private var size: Int
    private var sequence: UInt64
    /// Shapes that the segment defines.
    private var known: Set<UInt32> = []
    private let buffer = ByteBuffer(capacity: 64 * 1024)

    /// How large segments become.
    static let segmentSize = 8 * 1024 * 1024
    private static let keptBuffer = 1024 * 1024

    /// Begins the segment `number`.
    init(_ folder: borrowing SpoolFolder, number: UInt64, sequence: UInt64, limit: ByteCount)
        throws(SpoolFolder.Failure)
    {
        self.limit = limit.bytes
        self.number = number
        self.sequence = sequence
        (self.file, self.size) = try Self.begin(folder, number, sequence)
    }

    private static func begin(_ folder: borrowing SpoolFolder, _ number: UInt64, _ sequence: UInt64)
        throws(SpoolFolder.Failure) -> (SpoolFile, Int)
    {
        let start = ByteBuffer(capacity: 64)
        let payload = ByteBuffer(capacity: 16)
        payload.append(word: number)
        payload.withView { SpoolBlock(kind: .start, sequence: sequence, payload: $0).append(to: start) }
        let file = try folder.create(segment: number)
        do {
            try start.withView { bytes throws(SpoolFolder.Failure) in try file.write(bytes, at: 0) }
        } catch {
            folder.remove(segment: number)
            throw error
        }
        return (file, start.count)
    }

    /// The segment that is being written.
    var segment: SpoolIndex.Segment {
        SpoolIndex.Segment(number: self.number, size: self.size, firstSequence: self.sequence)
    }

    enum Outcome {
        /// Written: so many records. The segment began, or has become longer.
        case written(records: Int)
        case full(records: Int)
        case failed(records: Int, SpoolFolder.Failure)
    }

    /// Appends records of one worker.
    ///
    /// - Parameter used: Bytes of all segments.
    func append(
        _ records: ByteView, from worker: UInt32, _ shapes: [RecordShape], _ folder: borrowing SpoolFolder,
        used: Int, _ publish: (SpoolIndex.Segment, UInt64) -> Void
    ) -> Outcome {
        var (count, at) = (0, 0)
        var numbers: Set<UInt32> = []
        while let record = QueuedRecord.read(records, at: at) {
            count += 1
            at += record.size
            numbers.insert(record.shape)
        }
        guard count > 0 else { return .written(records: 0) }
        defer { self.buffer.reset(keeping: Self.keptBuffer) }
        self.fill(records, count, worker, shapes, numbers)
        if self.size + self.buffer.count > Self.segmentSize, !self.known.isEmpty {
            guard used + SpoolBlock.head + 8 + self.buffer.count <= self.limit else {
                return .full(records: count)
            }
            do {
                (self.file, self.size) = try Self.begin(folder, self.number + 1, self.sequence)
            } catch { return .failed(records: count, error) }
            self.number += 1
            self.known = []
            publish(self.segment, self.sequence)
            self.buffer.reset()
            self.fill(records, count, worker, shapes, numbers)
        }
        guard used + self.buffer.count <= self.limit else { return .full(records: count) }
        do {
            try self.file.write(self.buffer.view, at: self.size)
        } catch { return .failed(records: count, error) }
        self.size += self.buffer.count
        self.sequence += UInt64(count)
        self.known.formUnion(numbers)
        publish(self.segment, self.sequence)
        return .written(records: count)
    }

    /// Makes the blocks: definitions of shapes that the segment does not have yet, and the records.
    private func fill(
        _ records: ByteView, _ count: Int, _ worker: UInt32, _ shapes: [RecordShape], _ numbers: Set<UInt32>
    ) {
        for number in numbers.subtracting(self.known).sorted() where Int(number) < shapes.count {
            let payload = ByteBuffer(capacity: 1024)
            SpoolShape.append(shapes[Int(number)], number: number, to: payload)
            payload.withView {
                SpoolBlock(kind: .shape, sequence: self.sequence, payload: $0).append(to: self.buffer)
            }
        }
        SpoolBlock(
            kind: .records, worker: worker, records: UInt32(count), sequence: self.sequence, payload: records
        ).append(to: self.buffer)
    }
}
