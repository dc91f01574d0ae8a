internal import Primitives

/// The elements of a comma-separated list, one after the other, trimmed; empty ones are skipped (RFC 9110,
/// 5.6.1).
///
/// Knows nothing of quoted strings: for lists of tokens only.
struct ListElements {
    private var rest: ByteView
    private var isOver = false

    init(_ value: ByteView) { self.rest = value }

    mutating func next() -> ByteView? {
        while !self.isOver {
            let element: ByteView
            if let comma = self.rest.firstIndex(of: ASCII.comma) {
                element = self.rest[0..<comma].trimmed()
                self.rest = self.rest.dropFirst(comma + 1)
            } else {
                element = self.rest.trimmed()
                self.isOver = true
            }
            if !element.isEmpty { return element }
        }
        return nil
    }
}
