/// Reads the wire format of Protocol Buffers, field by field.
package struct ProtobufReader {
    /// What a field holds.
    package enum Value: Equatable {
        case varint(UInt64)
        case data([UInt8])
        case fixed
    }

    private let bytes: [UInt8]
    private var index = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next field; nil at the end, or where it is malformed.
    package mutating func next() -> (field: Int, value: Value)? {
        guard self.index < self.bytes.count, let tag = self.varint() else { return nil }
        let field = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: return self.varint().map { (field, .varint($0)) }
        case 1: return self.take(8).map { _ in (field, .fixed) }
        case 2:
            guard let count = self.varint(), count <= UInt64(self.bytes.count) else { return nil }
            return self.take(Int(count)).map { (field, .data(Array($0))) }
        case 5: return self.take(4).map { _ in (field, .fixed) }
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard self.index < self.bytes.count else { return nil }
            let byte = self.bytes[self.index]
            self.index += 1
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= self.bytes.count - self.index else { return nil }
        defer { self.index += count }
        return self.bytes[self.index..<(self.index + count)]
    }

    /// The first field of that number that holds bytes; empty without one.
    package static func data(_ field: Int, of message: [UInt8]) -> [UInt8] {
        var reader = ProtobufReader(message)
        while let (number, value) = reader.next() {
            if number == field, case .data(let bytes) = value { return bytes }
        }
        return []
    }

    /// The last number of that field; 0 without one.
    package static func number(_ field: Int, of message: [UInt8]) -> Int64 {
        var reader = ProtobufReader(message)
        var found: UInt64 = 0
        while let (number, value) = reader.next() {
            if number == field, case .varint(let some) = value { found = some }
        }
        return Int64(bitPattern: found)
    }
}
