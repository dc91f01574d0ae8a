/// A line of text with `{column}` in it; `{{` and `}}` stand for braces.
public struct LineTemplate: Sendable, Hashable {
    /// What a line is made of.
    public enum Piece: Sendable, Hashable {
        /// As it is.
        case text([UInt8])
        /// The value of a column.
        case column(String)
    }
    /// In their order.
    public let pieces: [Piece]

    /// Why a text is no template.
    public struct Malformed: Error, Sendable, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    /// - Throws: ``Malformed``
    public init(_ text: String) throws(Malformed) {
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x7B where rest.first == 0x7B, 0x7D where rest.first == 0x7D:
                plain.append(byte)
                rest.removeFirst()
            case 0x7B:
                let name = rest.prefix { $0 != 0x7D && $0 != 0x7B }
                guard !name.isEmpty, rest.dropFirst(name.count).first == 0x7D else {
                    throw Malformed(
                        description: "a '{' begins no '{column}'; write '{{' for a brace, got '\(text)'")
                }
                if !plain.isEmpty { pieces.append(.text(plain)) }
                plain = []
                pieces.append(.column(String(decoding: name, as: UTF8.self)))
                rest = rest.dropFirst(name.count + 1)
            case 0x7D:
                throw Malformed(
                    description: "a '}' ends no '{column}'; write '}}' for a brace, got '\(text)'")
            case 0..<0x20 where byte != 0x09, 0x7F:
                throw Malformed(description: "a line cannot hold control characters but tabs")
            default: plain.append(byte)
            }
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        self.pieces = pieces
    }

    /// The columns that it names.
    public var columns: [String] {
        self.pieces.compactMap { if case .column(let name) = $0 { name } else { nil } }
    }
}
