internal import PosternSDK

/// How the records of one shape become lines: what does not change, made once.
final class LinePlan {
    /// Bytes that stand before a column's value; the last has no column.
    struct Piece {
        let end: Int
        /// -1: none; or the column is unknown and its value absent.
        let column: Int
    }

    // SAFETY: made in init, only read from then on, freed in deinit; a piece's bytes are those of `literals`
    // from the end of the piece before to its own.
    private let literals: UnsafeMutableBufferPointer<UInt8>
    private let pieces: UnsafeMutableBufferPointer<Piece>
    private let isJSON: Bool
    private let omitsAbsent: Bool
    /// Columns that the configuration names and the shape does not have.
    let unknown: [String]

    /// Lines of text.
    init(_ template: LineTemplate, _ shape: Shape) {
        var literals: [UInt8] = []
        var pieces: [Piece] = []
        var unknown: [String] = []
        for piece in template.pieces {
            switch piece {
            case .text(let bytes): literals += bytes
            case .column(let name):
                guard let column = shape.column(name) else {
                    unknown.append(name)
                    literals.append(0x2D)
                    continue
                }
                pieces.append(Piece(end: literals.count, column: column))
            }
        }
        literals.append(0x0A)
        pieces.append(Piece(end: literals.count, column: -1))
        self.literals = .allocate(capacity: literals.count)
        _ = self.literals.initialize(from: literals)
        self.pieces = .allocate(capacity: pieces.count)
        _ = self.pieces.initialize(from: pieces)
        self.isJSON = false
        self.omitsAbsent = false
        self.unknown = unknown
    }

    /// JSON objects with these columns, or all of them.
    init(columns: [String]?, omitsAbsent: Bool, _ shape: Shape) {
        var literals: [UInt8] = []
        var pieces: [Piece] = []
        let names = columns ?? shape.columnNames
        for name in names {
            guard let column = shape.column(name) else { continue }
            literals.append(jsonString: Array(name.utf8).span)
            literals.append(0x3A)
            pieces.append(Piece(end: literals.count, column: column))
        }
        self.literals = .allocate(capacity: literals.count)
        _ = self.literals.initialize(from: literals)
        self.pieces = .allocate(capacity: pieces.count)
        _ = self.pieces.initialize(from: pieces)
        self.isJSON = true
        self.omitsAbsent = omitsAbsent
        self.unknown = names.filter { shape.column($0) == nil }
    }

    deinit {
        self.literals.deallocate()
        self.pieces.deallocate()
    }

    /// Appends a record's line, with its end.
    func append(_ record: Record, to buffer: LineBuffer) {
        self.isJSON ? self.appendJSON(record, to: buffer) : self.appendText(record, to: buffer)
    }

    private func appendText(_ record: Record, to buffer: LineBuffer) {
        guard let literals = self.literals.baseAddress else { return }
        var start = 0
        for piece in self.pieces {
            buffer.append(literals + start, piece.end - start)
            start = piece.end
            if piece.column >= 0 { buffer.append(record[piece.column]) }
        }
    }

    private func appendJSON(_ record: Record, to buffer: LineBuffer) {
        buffer.append(0x7B)
        let first = buffer.count
        if let literals = self.literals.baseAddress {
            var start = 0
            for piece in self.pieces {
                let value = record[piece.column]
                defer { start = piece.end }
                if self.omitsAbsent, case .absent = value { continue }
                buffer.append(literals + start, piece.end - start)
                buffer.append(json: value)
                buffer.append(0x2C)
            }
        }
        if buffer.count > first { buffer.truncate(to: buffer.count - 1) }
        buffer.append("}\n")
    }
}
