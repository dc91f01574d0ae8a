internal import Primitives

/// What a process finds of a spool that another one left.
enum SpoolScan {
    static func index(_ folder: borrowing SpoolFolder, position: SpoolPosition?) throws(SpoolFolder.Failure)
        -> SpoolIndex
    {
        var index = SpoolIndex()
        let found = try folder.segments()
        for (number, size) in found {
            guard number >= position?.segment ?? 0 else {
                folder.remove(segment: number)
                continue
            }
            let bytes = ByteBuffer(capacity: 64)
            let file = try folder.open(segment: number)
            _ = try file.read(into: bytes, at: 0, most: SpoolBlock.head + 8)
            var first = bytes.withView { self.firstSequence(of: $0) }
            if first == nil {
                first = try self.load(folder, number, size).withView { self.firstSequence(of: $0) }
            }
            index.segments.append(SpoolIndex.Segment(number: number, size: size, firstSequence: first))
        }
        index.nextSequence = position?.sequence ?? 0
        guard let last = index.segments.last else { return index }
        let bytes = try self.load(folder, last.number, last.size)
        index.nextSequence = max(index.nextSequence, bytes.withView { self.end(of: $0) })
        return index
    }

    private static func load(_ folder: borrowing SpoolFolder, _ segment: UInt64, _ size: Int)
        throws(SpoolFolder.Failure) -> ByteBuffer
    {
        let bytes = ByteBuffer(capacity: size)
        let file = try folder.open(segment: segment)
        while try file.read(into: bytes, at: bytes.count, most: 256 * 1024) > 0 {}
        return bytes
    }

    /// The sequence of the first whole block: that of the first record, unless the beginning is damaged.
    private static func firstSequence(of bytes: ByteView) -> UInt64? {
        var at = 0
        while at < bytes.count {
            let rest = bytes.dropFirst(at)
            if case .block(let block) = SpoolBlock.read(rest) { return block.sequence }
            at += max(SpoolBlock.distanceToNext(rest), 1)
        }
        return nil
    }

    /// The sequence behind the last record of a segment; that of one that was not written to its end counts.
    static func end(of bytes: ByteView) -> UInt64 {
        var end: UInt64 = 0
        var at = 0
        while at < bytes.count {
            let rest = bytes.dropFirst(at)
            switch SpoolBlock.read(rest) {
            case .block(let block):
                end = max(end, block.sequence + UInt64(block.records))
                at += block.size
            case .short where rest.count >= SpoolBlock.head && rest.word(at: 24) == end:
                end += UInt64(rest.halfWord(at: 20))
                at += SpoolBlock.distanceToNext(rest)
            case .short, .damaged: at += max(SpoolBlock.distanceToNext(rest), 1)
            }
        }
        return end
    }
}
