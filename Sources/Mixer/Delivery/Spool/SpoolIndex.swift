internal import Primitives

/// What there is to read in a spool; writer and reader share it.
struct SpoolIndex: Sendable {
    struct Segment: Sendable {
        let number: UInt64
        /// Bytes that may be read: whole blocks, in segments of this process.
        var size: Int
        /// Of its first record; nil when its beginning is damaged.
        let firstSequence: UInt64?
    }
    /// Ascending; the last one is being written.
    var segments: [Segment] = []
    /// Of the record that is written next.
    var nextSequence: UInt64 = 0

    var bytes: Int { self.segments.reduce(0) { $0 + $1.size } }

    /// The first segment from `number` on, and whether it is the last of all.
    func segment(from number: UInt64) -> (segment: Segment, isLast: Bool)? {
        guard let index = self.segments.firstIndex(where: { $0.number >= number }) else { return nil }
        return (self.segments[index], index == self.segments.count - 1)
    }

    /// Takes out those before `number`, but never the last.
    mutating func removeSegments(before number: UInt64) -> [UInt64] {
        let done = self.segments.dropLast().prefix { $0.number < number }.map(\.number)
        self.segments.removeFirst(done.count)
        return done
    }
}
