/// What a server sends, as far as the forward protocol has it.
enum MessagePackValue: Equatable {
    case null
    case flag(Bool)
    case number(Int64)
    case double(Double)
    case text([UInt8])
    case array([MessagePackValue])
    case map([Pair])

    struct Pair: Equatable {
        let key: MessagePackValue
        let value: MessagePackValue
    }

    /// Why bytes are no value.
    enum Failure: Error { case incomplete, malformed }

    /// The value that begins at `position`, which then is its end.
    ///
    /// - Throws: ``Failure``: more bytes may make one, or never will.
    init(_ bytes: [UInt8], at position: inout Int, depth: Int = 0) throws(Failure) {
        guard depth < 8 else { throw .malformed }
        let first = try Self.take(1, bytes, &position)
        switch first {
        case 0x00...0x7F: self = .number(Int64(first))
        case 0xE0...0xFF: self = .number(Int64(first) - 256)
        case 0x80...0x8F: self = try Self.map(Int(first & 15), bytes, &position, depth)
        case 0x90...0x9F: self = try Self.array(Int(first & 15), bytes, &position, depth)
        case 0xA0...0xBF: self = try Self.text(Int(first & 31), bytes, &position)
        case 0xC0: self = .null
        case 0xC2, 0xC3: self = .flag(first == 0xC3)
        case 0xC4, 0xD9: self = try Self.text(Int(Self.take(1, bytes, &position)), bytes, &position)
        case 0xC5, 0xDA: self = try Self.text(Int(Self.take(2, bytes, &position)), bytes, &position)
        case 0xC6, 0xDB: self = try Self.text(Int(Self.take(4, bytes, &position)), bytes, &position)
        case 0xCA:
            self = .double(Double(Float(bitPattern: UInt32(try Self.take(4, bytes, &position)))))
        case 0xCB: self = .double(Double(bitPattern: try Self.take(8, bytes, &position)))
        case 0xCC...0xCF:
            self = .number(Int64(clamping: try Self.take(1 << Int(first - 0xCC), bytes, &position)))
        case 0xD0...0xD3:
            let size = 1 << Int(first - 0xD0)
            let shift = 64 - 8 * size
            self = .number(Int64(bitPattern: try Self.take(size, bytes, &position) << shift) >> shift)
        case 0xDC: self = try Self.array(Int(Self.take(2, bytes, &position)), bytes, &position, depth)
        case 0xDE: self = try Self.map(Int(Self.take(2, bytes, &position)), bytes, &position, depth)
        default: throw .malformed
        }
    }

    /// The value behind a text that is a key of this map.
    subscript(key: String) -> MessagePackValue? {
        guard case .map(let pairs) = self else { return nil }
        return pairs.first { $0.key == .text(Array(key.utf8)) }?.value
    }

    /// The bytes of a text.
    var bytes: [UInt8]? { if case .text(let bytes) = self { bytes } else { nil } }

    private static func take(_ count: Int, _ bytes: [UInt8], _ position: inout Int) throws(Failure) -> UInt64
    {
        guard bytes.count - position >= count else { throw .incomplete }
        defer { position += count }
        return bytes[position..<(position + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func text(_ count: Int, _ bytes: [UInt8], _ position: inout Int) throws(Failure) -> Self {
        guard count < 65_536 else { throw .malformed }
        guard bytes.count - position >= count else { throw .incomplete }
        defer { position += count }
        return .text(Array(bytes[position..<(position + count)]))
    }

    private static func array(
        _ count: Int, _ bytes: [UInt8], _ position: inout Int, _ depth: Int
    ) throws(Failure) -> Self {
        var values: [MessagePackValue] = []
        for _ in 0..<count { values.append(try Self(bytes, at: &position, depth: depth + 1)) }
        return .array(values)
    }

    private static func map(
        _ count: Int, _ bytes: [UInt8], _ position: inout Int, _ depth: Int
    ) throws(Failure) -> Self {
        var pairs: [Pair] = []
        for _ in 0..<count {
            let key = try Self(bytes, at: &position, depth: depth + 1)
            pairs.append(Pair(key: key, value: try Self(bytes, at: &position, depth: depth + 1)))
        }
        return .map(pairs)
    }
}
