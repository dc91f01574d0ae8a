internal import Glibc
internal import Primitives

/// Memory for what an evaluation makes: taken piece by piece, given back all at once, never moved.
final class Arena {
    // SAFETY: every chunk is malloc'ed with its `size` bytes, owned by this object alone and freed in `reset`
    // or `deinit`; what `take` gives lies within the current chunk, aligned to 16, and is given once.
    private struct Chunk {
        let base: UnsafeMutableRawPointer
        let size: Int
    }

    private static let chunkSize = 16_384

    private var chunks: [Chunk] = []
    /// The chunk that pieces are taken from now; `first` is kept for ever once it is there.
    private var base: UnsafeMutableRawPointer?
    private var used = 0
    private var size = 0
    /// Bytes that may still be taken.
    private(set) var rest: Int

    init(limit: Int) { self.rest = limit }

    deinit { for chunk in self.chunks { chunk.base.deallocate() } }

    /// Gives everything back. What was taken is gone.
    func reset(limit: Int) {
        self.rest = limit
        self.used = 0
        if self.chunks.count > 1 { self.dropChunks() }
    }

    @inline(never)
    private func dropChunks() {
        for chunk in self.chunks.dropFirst() { chunk.base.deallocate() }
        self.chunks.removeLast(self.chunks.count - 1)
        self.base = self.chunks[0].base
        self.size = self.chunks[0].size
    }

    /// Memory for `bytes` bytes; nil when that is more than the limit leaves.
    func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let rounded = (bytes + 15) & ~15
        guard bytes <= self.rest, rounded <= Int.max / 2 else {
            self.rest = -1
            return nil
        }
        self.rest -= rounded
        if self.base == nil || self.used + rounded > self.size { self.addChunk(rounded) }
        guard let base = self.base else { return nil }
        defer { self.used += rounded }
        return base + self.used
    }

    @inline(never)
    private func addChunk(_ bytes: Int) {
        let size = max(Self.chunkSize, bytes)
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        self.chunks.append(Chunk(base: base, size: size))
        self.base = base
        self.size = size
        self.used = 0
    }

    /// Room for `count` values, all null; nil when that is more than the limit leaves.
    func values(_ count: Int) -> ValueSpan? {
        if count == 0 { return .empty }
        guard count < Int.max / 64, let memory = self.take(count * MemoryLayout<Value>.stride) else {
            return nil
        }
        let base = memory.bindMemory(to: Value.self, capacity: count)
        base.initialize(repeating: .null, count: count)
        return ValueSpan(base: base, count: count)
    }

    /// A copy of the bytes.
    func copy(_ view: ByteView) -> ByteView? {
        if view.isEmpty { return .empty }
        guard let memory = self.take(view.count) else { return nil }
        memcpy(memory, view.base, view.count)
        return ByteView(base: memory, count: view.count)
    }

    /// One text after the other.
    func join(_ one: ByteView, _ other: ByteView) -> ByteView? {
        let count = one.count + other.count
        if count == 0 { return .empty }
        guard let memory = self.take(count) else { return nil }
        memcpy(memory, one.base, one.count)
        memcpy(memory + one.count, other.base, other.count)
        return ByteView(base: memory, count: count)
    }

    /// A copy with everything that the value refers to.
    func copy(_ value: Value) -> Value? {
        switch value.kind {
        case .string, .bytes, .type, .error:
            guard let view = self.copy(value.view) else { return nil }
            return Value(
                value.kind, UInt64(UInt(bitPattern: view.base)), UInt64(view.count), detail: value.detail)
        case .list:
            guard let elements = self.copy(value.elements) else { return nil }
            return Value(list: elements)
        case .map:
            guard let pairs = self.copy(value.pairs) else { return nil }
            return self.map(pairs)
        default: return value
        }
    }

    private func copy(_ span: ValueSpan) -> ValueSpan? {
        guard let copies = self.values(span.count) else { return nil }
        for index in 0..<span.count {
            guard let copy = self.copy(span[index]) else { return nil }
            copies[index] = copy
        }
        return copies
    }
}

extension Arena {
    /// A map of the pairs, which stay where they are; an error when a key is there twice or is no key; nil
    /// when there is not enough memory.
    func map(_ pairs: ValueSpan) -> Value? {
        let count = pairs.count / 2
        for index in 0..<count {
            switch pairs[index * 2].kind {
            case .bool, .int, .uint, .string: break
            default: return .error(.noSuchOverload)
            }
        }
        if count <= 8 {
            for index in 0..<count {
                for other in 0..<index where Value.equals(pairs[index * 2], pairs[other * 2]) {
                    return .error(.repeatedKey)
                }
            }
            return Value(map: pairs, index: 0)
        }
        return self.indexedMap(pairs, count)
    }

    /// Puts pairs and, behind them, a table of their places by the hash of their keys.
    private func indexedMap(_ pairs: ValueSpan, _ count: Int) -> Value? {
        let bits = Int.bitWidth - (count * 2 - 1).leadingZeroBitCount
        let pairBytes = pairs.count * MemoryLayout<Value>.stride
        let tableBytes = (1 << bits) * MemoryLayout<UInt32>.stride
        guard let source = pairs.base, let memory = self.take(pairBytes + tableBytes) else { return nil }
        memcpy(memory, source, pairBytes)
        let table = (memory + pairBytes).bindMemory(to: UInt32.self, capacity: 1 << bits)
        table.initialize(repeating: 0, count: 1 << bits)
        let copies = ValueSpan(
            base: memory.bindMemory(to: Value.self, capacity: pairs.count), count: pairs.count)
        let mask = 1 << bits - 1
        for index in 0..<count {
            var place = Int(truncatingIfNeeded: copies[index * 2].keyHash) & mask
            while table[place] != 0 {
                if Value.equals(copies[index * 2], copies[Int(table[place] - 1) * 2]) {
                    return .error(.repeatedKey)
                }
                place = (place + 1) & mask
            }
            table[place] = UInt32(index + 1)
        }
        return Value(map: copies, index: UInt32(bits))
    }
}

extension Value {
    /// Where in a map's pairs `key` stands; nil when it does not.
    func place(of key: Value) -> Int? {
        let pairs = self.pairs
        guard self.detail > 0, let base = pairs.base else {
            for index in 0..<pairs.count / 2 where Value.equals(pairs[index * 2], key) { return index }
            return nil
        }
        // SAFETY: ``Arena/indexedMap`` has put a table of 2^detail places right behind the pairs.
        let table = UnsafeRawPointer(base + pairs.count).assumingMemoryBound(to: UInt32.self)
        let mask = 1 << Int(self.detail) - 1
        var place = Int(truncatingIfNeeded: key.keyHash) & mask
        while table[place] != 0 {
            let index = Int(table[place] - 1)
            if Value.equals(pairs[index * 2], key) { return index }
            place = (place + 1) & mask
        }
        return nil
    }
}
