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
            var first: UInt64?
            if case .block(let block) = SpoolBlock.read(bytes.view), block.kind == .start {
                first = block.sequence
            }
            index.segments.append(SpoolIndex.Segment(number: number, size: size, firstSequence: first))
        }
        index.nextSequence = position?.sequence ?? 0
        guard let last = index.segments.last else { return index }
        let bytes = ByteBuffer(capacity: max(last.size, 16))
        let file = try folder.open(segment: last.number)
        while try file.read(into: bytes, at: bytes.writeIndex, most: 256 * 1024) > 0 {}
        index.nextSequence = max(index.nextSequence, self.end(of: bytes.view))
        return index
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
