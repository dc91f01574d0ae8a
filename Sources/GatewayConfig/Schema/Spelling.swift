/// Finds what somebody may have meant by a word that is not known.
public enum Spelling {
    /// The known word nearest to `word`, when it is near enough to be meant.
    static func nearest(to word: String, among known: [String]) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let folded = Array(word.lowercased().utf8)
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = Self.distance(folded, Array(candidate.lowercased().utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, min(word.utf8.count, best.word.utf8.count) / 3) else {
            return nil
        }
        return best.word
    }

    /// "did you mean `x`?" or the list of all, after what is wrong.
    public static func hint(for word: String, among known: [String]) -> String {
        if let near = Self.nearest(to: word, among: known) { return "; did you mean `\(near)`?" }
        return known.isEmpty ? "; none is known" : "; known: \(known.joined(separator: ", "))"
    }

    /// `a`, `b` or `c`.
    static func alternatives(_ words: [String]) -> String {
        let quoted = words.map { "`\($0)`" }
        guard quoted.count > 1, let last = quoted.last else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
    ///
    /// - Complexity: O(the product of both lengths).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
