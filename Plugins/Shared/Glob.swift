/// A pattern in which each `*` stands for any text, none included; everything else for itself.
///
/// `/products/*`, `*.example.com`, `*`: what Istio's RBAC has as prefix, suffix and presence, and stars
/// elsewhere too.
public struct Glob: Sendable, Hashable {
    /// What stands between the stars; one piece without a star.
    private let pieces: [[UInt8]]

    /// Any text makes a pattern.
    public init(_ text: String) {
        self.pieces = text.utf8.split(separator: 0x2A, omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Whether the whole of `text` fits.
    ///
    /// - Complexity: O(*n* · *m*) at worst: the text's bytes, and the longest piece's.
    public func matches(_ text: Span<UInt8>) -> Bool {
        let last = self.pieces.count - 1
        let first = self.pieces[0]
        let head = first.span
        if last == 0 { return text.isEqual(to: head) }
        let end = self.pieces[last]
        let tail = end.span
        guard text.count >= head.count + tail.count,
            text.extracting(0..<head.count).isEqual(to: head),
            text.extracting((text.count - tail.count)..<text.count).isEqual(to: tail)
        else { return false }
        var start = head.count
        let limit = text.count - tail.count
        for index in 1..<last {
            let middle = self.pieces[index]
            let piece = middle.span
            // The first place is the best: what follows has the most text left.
            while start + piece.count <= limit,
                !text.extracting(start..<(start + piece.count)).isEqual(to: piece)
            {
                start += 1
            }
            if start + piece.count > limit { return false }
            start += piece.count
        }
        return true
    }
}

extension Sequence where Element == Glob {
    /// Whether one of them fits.
    public func match(_ text: Span<UInt8>) -> Bool {
        for glob in self where glob.matches(text) { return true }
        return false
    }
}
