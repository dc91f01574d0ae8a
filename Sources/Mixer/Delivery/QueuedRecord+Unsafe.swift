internal import Primitives

/// A record in a queue, a batch or a spool's block, in the byte order of the machine:
///
///     | 4 bytes: length of the values | 4: number of the shape | 8: time | values | padding to 8 |
struct QueuedRecord {
    /// The handler's number of the shape.
    let shape: UInt32
    /// When it was made, in nanoseconds since 1970.
    let time: UInt64
    /// As `RecordWriter` wrote them; they live as long as the bytes that the record was read from.
    let values: ByteView

    static let head = 16

    /// Bytes that a record with so many bytes of values takes.
    static func size(values: Int) -> Int { Self.head + (values + 7) & ~7 }

    func append(to buffer: ByteBuffer) {
        let size = Self.size(values: self.values.count)
        buffer.reserve(size)
        // SAFETY: `reserve` made room for `size` bytes behind the write position.
        let place = buffer.base + buffer.writeIndex
        place.storeBytes(of: UInt32(self.values.count), as: UInt32.self)
        place.storeBytes(of: self.shape, toByteOffset: 4, as: UInt32.self)
        place.storeBytes(of: self.time, toByteOffset: 8, as: UInt64.self)
        (place + Self.head).copyMemory(from: self.values.base, byteCount: self.values.count)
        for offset in Self.head + self.values.count..<size {
            place.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        buffer.writeIndex += size
    }

    /// Reads the record that begins at `offset`.
    ///
    /// - Returns: nil at the end, and when the bytes are no record.
    static func read(_ bytes: ByteView, at offset: Int) -> QueuedRecord? {
        guard offset >= 0, bytes.count - offset >= Self.head else { return nil }
        let length = Int(bytes.halfWord(at: offset))
        guard Self.size(values: length) <= bytes.count - offset else { return nil }
        return QueuedRecord(
            shape: bytes.halfWord(at: offset + 4), time: bytes.word(at: offset + 8),
            values: bytes.slice(from: offset + Self.head, to: offset + Self.head + length))
    }

    /// Bytes that it takes.
    var size: Int { Self.size(values: self.values.count) }
}
