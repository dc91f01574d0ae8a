internal import Primitives

/// A block of a segment, in the byte order of the machine; a segment is a row of them.
///
///     | 4 bytes: magic | 4: CRC-32C of what follows | 4: kind | 4: length of the payload, a multiple of 8 |
///     | 4: worker | 4: records | 8: sequence | payload |
struct SpoolBlock {
    enum Kind: UInt32 {
        /// Begins a segment; its payload is the segment's number.
        case start = 1
        /// Defines a shape: ``SpoolShape``.
        case shape = 2
        /// ``QueuedRecord``s of one worker.
        case records = 3
        /// How far records were delivered: ``SpoolPosition``.
        case position = 4
    }

    var kind: Kind
    var worker: UInt32 = 0
    /// How many records there are in the payload.
    var records: UInt32 = 0
    /// How many records the spool had taken before, in all of its life.
    var sequence: UInt64 = 0
    /// Lives as long as the bytes that the block was read from.
    var payload: ByteView = .empty

    static let head = 32
    static let magic: UInt32 = 0x4250_5350
    /// The longest payload; longer ones are no blocks.
    static let limit = 4 * 1024 * 1024

    /// Sequences are below; a spool that took a million records a second would get there in 100,000 years.
    private static let sequenceLimit: UInt64 = 1 << 62

    /// Bytes that the block takes.
    var size: Int { Self.head + (self.payload.count + 7) & ~7 }

    /// Appends the block, its payload filled up to a multiple of 8.
    func append(to buffer: ByteBuffer) {
        let size = self.size
        buffer.reserve(size)
        // SAFETY: `reserve` made room for `size` bytes behind the write position.
        let place = buffer.base + buffer.writeIndex
        place.storeBytes(of: Self.magic, as: UInt32.self)
        place.storeBytes(of: self.kind.rawValue, toByteOffset: 8, as: UInt32.self)
        place.storeBytes(of: UInt32(size - Self.head), toByteOffset: 12, as: UInt32.self)
        place.storeBytes(of: self.worker, toByteOffset: 16, as: UInt32.self)
        place.storeBytes(of: self.records, toByteOffset: 20, as: UInt32.self)
        place.storeBytes(of: self.sequence, toByteOffset: 24, as: UInt64.self)
        (place + Self.head).copyMemory(from: self.payload.base, byteCount: self.payload.count)
        for offset in Self.head + self.payload.count..<size {
            place.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        let sum = Checksum.of(ByteView(base: place + 8, count: size - 8))
        place.storeBytes(of: sum, toByteOffset: 4, as: UInt32.self)
        buffer.writeIndex += size
    }

    /// What there is at the beginning of some bytes.
    enum Reading {
        case block(SpoolBlock)
        /// No block, whatever follows.
        case damaged
        /// Perhaps the beginning of a block that takes so many bytes.
        case short(needed: Int)
    }

    static func read(_ bytes: ByteView) -> Reading {
        guard bytes.count >= self.head else { return .short(needed: self.head) }
        let length = Int(bytes.halfWord(at: 12))
        guard bytes.halfWord(at: 0) == self.magic, let kind = Kind(rawValue: bytes.halfWord(at: 8)),
            length <= self.limit, length & 7 == 0, bytes.word(at: 24) < self.sequenceLimit,
            bytes.halfWord(at: 20) <= UInt32(length / QueuedRecord.head)
        else { return .damaged }
        let size = self.head + length
        guard bytes.count >= size else { return .short(needed: size) }
        guard Checksum.of(bytes.slice(from: 8, to: size)) == bytes.halfWord(at: 4) else { return .damaged }
        return .block(
            SpoolBlock(
                kind: kind, worker: bytes.halfWord(at: 16), records: bytes.halfWord(at: 20),
                sequence: bytes.word(at: 24), payload: bytes.slice(from: self.head, to: size)))
    }

    /// Bytes up to what may be the next block; `bytes` begin with none.
    static func distanceToNext(_ bytes: ByteView) -> Int {
        var at = 8
        while at + 4 <= bytes.count {
            if bytes.halfWord(at: at) == self.magic { return at }
            at += 8
        }
        return min(at, bytes.count)
    }
}

extension ByteBuffer {
    func append(word: UInt64) {
        self.reserve(8)
        // SAFETY: `reserve` made room for 8 bytes behind the write position.
        (self.base + self.writeIndex).storeBytes(of: word, as: UInt64.self)
        self.writeIndex += 8
    }
}
