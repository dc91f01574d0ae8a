import Primitives

@testable import HTTPCodec

/// A field as tests write it.
struct HPACKPair: Equatable, CustomStringConvertible {
    var name: [UInt8]
    var value: [UInt8]
    var isNeverIndexed = false

    init(_ name: [UInt8], _ value: [UInt8], isNeverIndexed: Bool = false) {
        self.name = name
        self.value = value
        self.isNeverIndexed = isNeverIndexed
    }

    init(_ line: String, isNeverIndexed: Bool = false) {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(Array(parts[0].utf8), Array(parts[1].utf8), isNeverIndexed: isNeverIndexed)
    }

    var description: String {
        let text =
            String(decoding: self.name, as: UTF8.self) + "=" + String(decoding: self.value, as: UTF8.self)
        return self.isNeverIndexed ? text + " (never indexed)" : text
    }
}

extension HPACKDecoder {
    /// The fields of a block that comes in `parts`; nil when it is refused.
    mutating func fields(_ parts: [[UInt8]]) -> [HPACKPair]? {
        var fields: [HPACKPair] = []
        let buffer = ByteBuffer(capacity: 16)
        self.beginBlock()
        for (index, part) in parts.enumerated() {
            part.withByteView { buffer.append($0) }
            var rest = buffer.view
            part: while true {
                switch self.next(&rest) {
                case .field(let field, let isNeverIndexed):
                    // The line is what HTTP/1 would say.
                    guard
                        field.line.bytes == field.name.bytes + Array(": ".utf8) + field.value.bytes + [
                            13, 10,
                        ]
                    else { return nil }
                    fields.append(
                        HPACKPair(field.name.bytes, field.value.bytes, isNeverIndexed: isNeverIndexed))
                case .done: break part
                case .incomplete:
                    if index == parts.count - 1 { return nil }
                    break part
                case .failed: return nil
                }
            }
            buffer.consume(buffer.count - rest.count)
        }
        return self.mayEndBlock ? fields : nil
    }

    mutating func fields(_ block: [UInt8]) -> [HPACKPair]? { self.fields([block]) }
}

extension Array where Element == UInt8 {
    /// The bytes that hexadecimal digits spell; blanks are passed over.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
