/// A list of media types: `text/html`, `text/*`, `application/*+json`.
public struct MediaTypes: Sendable {
    private struct Pattern: Sendable {
        /// In lower case; before and behind the `*`, of which there is at most one.
        let head: [UInt8]
        let tail: [UInt8]
        let isExact: Bool
    }

    private let patterns: [Pattern]

    /// - Throws: ``Malformed`` for what is no media type.
    public init(_ texts: [String]) throws(Malformed) {
        var patterns: [Pattern] = []
        for (index, text) in texts.enumerated() {
            let bytes = text.utf8.map(\.asciiLowercase)
            let stars = bytes.indices.filter { bytes[$0] == 0x2A }
            guard bytes.count >= 3, stars.count <= 1, bytes.filter({ $0 == 0x2F }).count == 1,
                bytes.first != 0x2F, bytes.last != 0x2F, !bytes.contains(where: { $0 <= 0x20 || $0 == 0x3B })
            else { throw Malformed(index: index, text: text) }
            let star = stars.first ?? bytes.count
            patterns.append(
                Pattern(
                    head: Array(bytes[..<star]), tail: Array(bytes[min(star + 1, bytes.count)...]),
                    isExact: stars.isEmpty))
        }
        self.patterns = patterns
    }

    /// An element that is no media type.
    public struct Malformed: Error {
        /// Which.
        public let index: Int
        /// As it stands in the configuration.
        public let text: String
    }

    /// Whether a `content-type` is one of them; its parameters do not count.
    public func contain(_ contentType: Span<UInt8>) -> Bool {
        let whole = contentType.extracting(0..<contentType.firstIndex(of: 0x3B))
        let type = whole.extracting(whole.trimmedRange)
        for pattern in self.patterns {
            let (head, tail) = (pattern.head.span, pattern.tail.span)
            guard pattern.isExact ? type.count == head.count : type.count >= head.count + tail.count else {
                continue
            }
            if Self.areEqual(type.extracting(0..<head.count), head),
                Self.areEqual(type.extracting((type.count - tail.count)..<type.count), tail)
            {
                return true
            }
        }
        return false
    }

    private static func areEqual(_ text: Span<UInt8>, _ lowercase: Span<UInt8>) -> Bool {
        for index in text.indices where text[index].asciiLowercase != lowercase[index] { return false }
        return true
    }
}
