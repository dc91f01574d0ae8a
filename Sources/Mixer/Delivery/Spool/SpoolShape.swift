internal import Adapting
internal import Primitives

/// The definition of a shape in a segment, so that whoever reads it later needs no configuration.
///
///     number | template | name
///     columns: how many, then name and type of each
///     0, or 1 and the series' kind, help, unit and bounds
///
/// Numbers take 8 bytes; a text is its length and its bytes.
enum SpoolShape {
    /// The most columns or bounds.
    private static let most: UInt64 = 4096

    static func append(_ shape: RecordShape, number: UInt32, to buffer: ByteBuffer) {
        func append(_ text: String) {
            text.withByteView {
                buffer.append(word: UInt64($0.count))
                buffer.append($0)
            }
        }
        buffer.append(word: UInt64(number))
        buffer.append(word: UInt64(shape.template.rawValue))
        append(shape.name)
        buffer.append(word: UInt64(shape.columns.count))
        for column in shape.columns {
            append(column.name)
            buffer.append(word: UInt64(column.type.rawValue))
        }
        buffer.append(word: shape.series == nil ? 0 : 1)
        guard let series = shape.series else { return }
        buffer.append(word: UInt64(series.kind.rawValue))
        append(series.help)
        append(series.unit)
        buffer.append(word: UInt64(series.bounds.count))
        for bound in series.bounds { buffer.append(word: bound.bitPattern) }
    }

    /// - Returns: nil when the bytes define no shape.
    static func read(_ bytes: ByteView) -> (number: UInt32, shape: RecordShape)? {
        var reader = Reader(bytes: bytes)
        guard let number = reader.small(), let form = reader.small(), let template = Template(rawValue: form),
            let name = reader.text(), let count = reader.word(), count <= self.most
        else { return nil }
        var columns: [RecordColumn] = []
        for _ in 0..<count {
            guard let name = reader.text(), let raw = reader.small(),
                let type = RecordValueType(rawValue: raw)
            else { return nil }
            columns.append(RecordColumn(name, type))
        }
        guard let hasSeries = reader.word() else { return nil }
        guard hasSeries == 1 else { return (number, RecordShape(template, name: name, columns: columns)) }
        guard let raw = reader.small(), let kind = SeriesDefinition.Kind(rawValue: raw),
            let help = reader.text(), let unit = reader.text(), let bounds = reader.word(),
            bounds <= self.most
        else { return nil }
        var series = SeriesDefinition(kind: kind, help: help, unit: unit)
        for _ in 0..<bounds {
            guard let bound = reader.word() else { return nil }
            series.bounds.append(Double(bitPattern: bound))
        }
        return (number, RecordShape(template, name: name, columns: columns, series: series))
    }

    private struct Reader {
        let bytes: ByteView
        var at = 0

        mutating func word() -> UInt64? {
            guard self.bytes.count - self.at >= 8 else { return nil }
            defer { self.at += 8 }
            return self.bytes.word(at: self.at)
        }

        mutating func small() -> UInt32? { self.word().flatMap { UInt32(exactly: $0) } }

        mutating func text() -> String? {
            guard let length = self.word(), length <= UInt64(self.bytes.count - self.at) else { return nil }
            defer { self.at += Int(length) }
            return self.bytes.slice(from: self.at, to: self.at + Int(length)).string
        }
    }
}
