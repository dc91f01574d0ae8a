internal import Primitives

/// Names and values of a query, decoded as a web form's are: "+" is a space and "%41" is "A".
///
/// An escape that is not two hexadecimal digits stays as it stands (WHATWG URL, 5.1 and 1.3).
enum FormText {
    /// Whether `encoded` decodes to `text`.
    static func isEqual(_ encoded: ByteView, _ text: ByteView) -> Bool {
        guard encoded.count >= text.count else { return false }
        var offset = 0
        var length = 0
        while offset < encoded.count {
            guard length < text.count, Self.decode(encoded, &offset) == text[length] else { return false }
            length += 1
        }
        return length == text.count
    }

    /// Lends the decoded text for the length of one call; a copy is made only where something is encoded.
    static func withDecoded(_ encoded: ByteView, _ body: (ByteView) -> Bool) -> Bool {
        if encoded.firstIndex(of: 0x25) == nil, encoded.firstIndex(of: 0x2B) == nil { return body(encoded) }
        return Self.withCopy(encoded, body)
    }

    @inline(never)
    private static func withCopy(_ encoded: ByteView, _ body: (ByteView) -> Bool) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: encoded.count, alignment: 1) { room in
            var offset = 0
            var length = 0
            while offset < encoded.count {
                // SAFETY: a byte decoded takes at least one encoded, so `length` stays below `encoded.count`,
                // which is the room's size.
                room[length] = Self.decode(encoded, &offset)
                length += 1
            }
            return body(ByteView(UnsafeRawBufferPointer(rebasing: room[0..<length])))
        }
    }

    /// The decoded byte at `offset`, which moves behind it.
    private static func decode(_ encoded: ByteView, _ offset: inout Int) -> UInt8 {
        let byte = encoded[offset]
        offset += 1
        if byte == 0x2B { return 0x20 }
        guard byte == 0x25, offset + 1 < encoded.count,
            let high = Self.hexadecimal(encoded[offset]), let low = Self.hexadecimal(encoded[offset + 1])
        else { return byte }
        offset += 2
        return high << 4 | low
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
