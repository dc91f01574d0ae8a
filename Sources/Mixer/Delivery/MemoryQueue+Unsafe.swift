internal import Primitives

/// Records in memory, first in, first out, in pieces that come and go as they are needed.
final class MemoryQueue: @unchecked Sendable {
    // SAFETY: whoever has the delivery's lock is the only one to touch it.
    private var pieces: [ByteBuffer] = []
    private let pieceSize: Int
    private(set) var records = 0
    /// Memory of all pieces, bookkeeping included.
    private(set) var footprint = 0

    /// What a piece takes beside its bytes: the object, its allocation and its place in the array.
    private static let overhead = 128
    private static let largestPiece = 64 * 1024
    private static let smallestPiece = 4 * 1024

    /// - Parameter limit: Decides how large the pieces are.
    init(limit: ByteCount) {
        self.pieceSize = min(max(limit.bytes / 16, Self.smallestPiece), Self.largestPiece)
    }

    /// Adds a copy of the record.
    ///
    /// - Parameter limit: What the footprint may not pass.
    /// - Returns: false when there is no room.
    func append(_ record: QueuedRecord, limit: Int) -> Bool {
        let size = record.size
        if let last = self.pieces.last, last.spare >= size {
            record.append(to: last)
        } else {
            let capacity = max(self.pieceSize, size)
            guard self.footprint + capacity + Self.overhead <= limit else { return false }
            let fresh = ByteBuffer(capacity: capacity)
            record.append(to: fresh)
            self.pieces.append(fresh)
            self.footprint += capacity + Self.overhead
        }
        self.records += 1
        return true
    }

    /// Moves records, oldest first, into `batch` until it is full.
    func move(to batch: DeliveryBatch) {
        var emptied = 0
        while emptied < self.pieces.count, !batch.isFull {
            let piece = self.pieces[emptied]
            while !batch.isFull, let record = QueuedRecord.read(piece.view, at: 0) {
                batch.append(record)
                piece.consume(record.size)
                self.records -= 1
            }
            guard piece.isEmpty else { break }
            self.footprint -= piece.capacity + Self.overhead
            emptied += 1
        }
        if emptied > 0 { self.pieces.removeFirst(emptied) }
    }

    /// When the oldest record was made.
    var oldestTime: UInt64? {
        guard let piece = self.pieces.first else { return nil }
        return QueuedRecord.read(piece.view, at: 0)?.time
    }

    /// Hands out all records, oldest first, in pieces, and is empty then.
    func takeAll(_ body: (ByteView) -> Void) {
        for piece in self.pieces { piece.withView(body) }
        _ = self.removeAll()
    }

    /// Throws all away.
    ///
    /// - Returns: How many records there were.
    func removeAll() -> Int {
        defer {
            self.pieces = []
            self.records = 0
            self.footprint = 0
        }
        return self.records
    }
}
