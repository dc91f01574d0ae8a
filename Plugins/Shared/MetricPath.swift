public import PosternSDK

/// Names of metrics for backends that have paths: `prefix.instance`, then the dimensions' values.
public struct MetricPath: Sendable {
    /// Prefix and instance.
    public let stem: [UInt8]
    /// Of the dimensions, as tags spell them.
    public let tagNames: [[UInt8]]

    /// Of one instance's records.
    public init(_ shape: Shape, prefix: String) {
        var stem: [UInt8] = []
        for part in prefix.utf8.split(separator: 0x2E) {
            stem.append(pathElement: Array(part).span)
            stem.append(0x2E)
        }
        stem.append(pathElement: Array(shape.name.utf8).span, keepsDots: true)
        self.stem = stem
        self.tagNames = shape.columnNames.map {
            var name: [UInt8] = []
            name.append(pathElement: Array($0.utf8).span, keepsDots: true)
            return name
        }
    }

    /// The whole path of a record.
    public func append(_ record: Record, to out: inout [UInt8]) {
        out += self.stem
        for index in 0..<record.count {
            out.append(0x2E)
            var text: [UInt8] = []
            record[index].append(to: &text)
            if text.isEmpty { text.append(contentsOf: "unknown".utf8) }
            out.append(pathElement: text.span)
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends letters, digits, `-` and `_`; other bytes become `_`, dots too unless they are kept.
    public mutating func append(pathElement text: Span<UInt8>, keepsDots: Bool = false) {
        for index in text.indices {
            switch text[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: self.append(text[index])
            case 0x2E where keepsDots: self.append(0x2E)
            default: self.append(0x5F)
            }
        }
    }
}
