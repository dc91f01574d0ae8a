internal import Adapting
internal import Primitives
internal import Synchronization

/// A handler's queue in files: a folder of segments, into which one thread writes and from which another
/// reads.
///
/// What was written survives the process, not the machine: nothing waits for the disk. A record is delivered
/// at least once: the position is noted after each batch.
final class Spool: Sendable {
    let folder: SpoolFolder
    private let index: Lock<SpoolIndex>
    private let writer: Lock<SpoolWriter>
    private let readSequence: Atomic<UInt64>
    private let trouble = Lock(Trouble())
    /// Of the delivery's thread.
    private let reader: SpoolReader
    private let restored: SpoolPositionFile
    private let limit: ByteCount

    private struct Trouble {
        var isFailing = false
        var news: String?
    }

    /// Opens the spool, or makes it.
    ///
    /// - Throws: When another process has it, too.
    init(_ path: String, limit: ByteCount) throws(SpoolFolder.Failure) {
        self.limit = limit
        self.folder = try SpoolFolder(path)
        let file = try SpoolPositionFile(self.folder)
        var index = try SpoolScan.index(self.folder, position: file.position)
        let last = max(index.segments.last?.number ?? 0, file.position?.segment ?? 0)
        let writer = try SpoolWriter(
            self.folder, number: last + 1, sequence: index.nextSequence, limit: limit)
        index.segments.append(writer.segment)
        let position =
            file.position
            ?? SpoolPosition(
                segment: index.segments.first?.number ?? last + 1,
                sequence: index.segments.first?.firstSequence ?? index.nextSequence)
        self.reader = SpoolReader(position)
        self.readSequence = Atomic(position.sequence)
        self.restored = file
        self.index = Lock(index)
        self.writer = Lock(writer)
    }

    /// Records that were written and not read.
    var unread: Int {
        let written = self.index.withLock { $0.nextSequence }
        let read = self.readSequence.load(ordering: .relaxed)
        return written > read ? Int(clamping: written - read) : 0
    }

    /// Bytes of all segments.
    var bytes: Int { self.index.withLock { $0.bytes } }

    /// Writes records of one worker.
    ///
    /// - Returns: How many were lost, and why.
    func append(_ records: ByteView, from worker: UInt32, _ shapes: [RecordShape]) -> (LossReason, Int)? {
        let used = self.bytes
        let outcome = self.writer.withLock { writer in
            writer.append(records, from: worker, shapes, self.folder, used: used) { segment, sequence in
                self.index.withLock { index in
                    index.nextSequence = sequence
                    if let last = index.segments.last, last.number == segment.number {
                        index.segments[index.segments.count - 1].size = segment.size
                    } else {
                        index.segments.append(segment)
                    }
                }
            }
        }
        switch outcome {
        case .written:
            self.note(nil)
            return nil
        case .full(let records):
            self.note("the spool has reached its limit of \(self.limit)")
            return (.spoolFull, records)
        case .failed(let records, let failure):
            self.note("\(failure)")
            return (.spoolError, records)
        }
    }

    /// Moves records into `batch`. The delivery's thread only.
    ///
    /// - Returns: How many were lost, and why.
    func move(to batch: DeliveryBatch, _ define: (RecordShape) -> UInt32) -> (LossReason, Int)? {
        let index = self.index.withLock { $0 }
        let damage = self.reader.move(to: batch, self.folder, index, define)
        self.readSequence.store(self.reader.position.sequence, ordering: .relaxed)
        if let failure = damage.failure { self.note("\(failure)") }
        guard damage.records > 0 else { return nil }
        return (damage.failure == nil ? .corrupt : .spoolError, damage.records)
    }

    /// Puts the records that the handler wanted again, before the process ended, into `batch`; once, before
    /// the first ``move(to:_:)``.
    func restore(to batch: DeliveryBatch, _ define: (RecordShape) -> UInt32) {
        self.restored.restore(to: batch, define)
    }

    /// Notes that all that was moved is done, but for what is still in `batch`. The delivery's thread only.
    func commit(_ batch: DeliveryBatch) {
        let position = self.reader.position
        guard self.restored.isNew(position, batch) else { return }
        do {
            try self.restored.write(position, batch, self.folder)
        } catch {
            // Records will be delivered twice after a restart, that is all.
            self.note("\(error)")
            return
        }
        let done = self.index.withLock { $0.removeSegments(before: position.segment) }
        for number in done { self.folder.remove(segment: number) }
    }

    /// Remembers a problem when it begins; nil: it is over.
    private func note(_ problem: String?) {
        self.trouble.withLock { trouble in
            if let problem, !trouble.isFailing { trouble.news = problem }
            trouble.isFailing = problem != nil
        }
    }

    /// A problem that has begun since this was asked last.
    func takeProblem() -> String? {
        self.trouble.withLock { trouble in
            defer { trouble.news = nil }
            return trouble.news
        }
    }
}
