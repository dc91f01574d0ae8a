internal import Primitives

/// Walks a path from one segment's end to the next, with the hash of all that lies before.
///
/// `/api/v1` ends first behind `/api`, then behind `/api/v1`; `/` has one empty segment.
struct PathSegments {
    private let path: ByteView
    /// The bytes up to the current segment's end.
    private(set) var end = 0
    /// The hash of the bytes up to ``end``.
    private(set) var hash: UInt64
    /// How many segments lie before ``end``.
    private(set) var depth = 0

    /// - Parameters:
    ///   - path: Begins with "/", no query.
    ///   - seed: What the hashes of one host's index have in common.
    init(_ path: ByteView, seed: UInt64) {
        self.path = path
        self.hash = seed
    }

    /// Goes to the next segment's end; false when there is none.
    @inline(__always)
    mutating func advance() -> Bool {
        guard self.end < self.path.count else { return false }
        var offset = self.end + 1  // Behind the "/".
        var hash = self.hash
        while true {
            let word = TextHash.word(self.path, at: offset)
            let slash = TextHash.matches(word, 0x2F)
            let rest = self.path.count - offset
            let length = min(slash == 0 ? 8 : slash.trailingZeroBitCount / 8, rest)
            if length == 8 {
                hash = TextHash.mix(hash, word)
                offset += 8
                continue
            }
            // The length stands in the byte that the shorter word leaves free.
            let kept = word & ((1 << UInt64(8 * length)) &- 1)
            self.hash = TextHash.mix(hash, kept | UInt64(length + 1) << 56)
            self.end = offset + length
            self.depth += 1
            return true
        }
    }
}
