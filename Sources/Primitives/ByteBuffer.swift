public import Glibc

// A buffer type: see ByteView.swift.

/// A growable run of bytes with a read and a write position: arena, queue of bytes to send, or read buffer.
///
///     0 ........ readIndex ........ writeIndex ........ capacity
///     (consumed)  (readable: `view`)  (room: `spare`)
///
/// A class, because it is handed between connections and kept in pools; one owner at a time, never two
/// threads. Offsets into it stay valid when it grows, pointers and views do not.
public final class ByteBuffer {
    // SAFETY: `base` is malloc'ed with `capacity` bytes, owned by this object alone and freed in deinit; 0 <=
    // readIndex <= writeIndex <= capacity always holds.
    public private(set) var base: UnsafeMutableRawPointer
    public private(set) var capacity: Int
    public var readIndex = 0
    public var writeIndex = 0

    /// - Parameter capacity: Bytes to begin with; at least 16.
    public init(capacity: Int) {
        self.capacity = max(capacity, 16)
        self.base = Self.allocate(self.capacity)
    }

    private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: bytes, alignment: 16)
    }

    deinit { self.base.deallocate() }

    /// Bytes written and not yet consumed.
    @inlinable public var count: Int { self.writeIndex - self.readIndex }
    @inlinable public var isEmpty: Bool { self.writeIndex == self.readIndex }
    /// Room behind the write position, in bytes.
    @inlinable public var spare: Int { self.capacity - self.writeIndex }

    /// The readable bytes, until the next append, consume or reset.
    @inlinable public var view: ByteView { ByteView(base: self.base + self.readIndex, count: self.count) }

    /// Lends the readable bytes for the length of one call, during which the buffer lives: a local buffer may
    /// else be gone as soon as ``view`` has been taken from it.
    @inlinable
    public func withView<Result: ~Copyable, Failure: Error>(
        _ body: (ByteView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(self.view)
    }

    /// `length` bytes at `offset` from the base, until the next append that grows.
    @inlinable
    public func view(at offset: Int, _ length: Int) -> ByteView {
        assert(offset >= 0 && length >= 0 && offset + length <= self.writeIndex)
        return ByteView(base: self.base + offset, count: length)
    }

    /// Makes it empty; the memory is kept.
    @inlinable
    public func reset() {
        self.readIndex = 0
        self.writeIndex = 0
    }

    /// As ``reset()``; memory above `limit` bytes is given back.
    @inlinable
    public func reset(keeping limit: Int) {
        self.reset()
        if self.capacity > limit { self.shrink(to: limit) }
    }

    @inline(never)
    @usableFromInline
    func shrink(to limit: Int) {
        self.base.deallocate()
        self.capacity = max(limit, 16)
        self.base = Self.allocate(self.capacity)
    }

    /// Drops `bytes` from the front.
    @inlinable
    public func consume(_ bytes: Int) {
        assert(bytes <= self.count)
        self.readIndex += bytes
        if self.readIndex == self.writeIndex { self.reset() }
    }

    /// Ensures room for `bytes` more; grows at least twofold. Offsets stay valid.
    @inlinable
    public func reserve(_ bytes: Int) {
        if self.spare < bytes { self.grow(bytes) }
    }

    @inline(never)
    public func grow(_ bytes: Int) {
        var wanted = self.capacity * 2
        while wanted - self.writeIndex < bytes { wanted *= 2 }
        let bigger = Self.allocate(wanted)
        memcpy(bigger, self.base, self.writeIndex)
        self.base.deallocate()
        self.base = bigger
        self.capacity = wanted
    }

    /// Overwrites the byte at `offset` from the base, which must have been written before.
    @inlinable
    public func replace(at offset: Int, with byte: UInt8) {
        assert(offset >= 0 && offset < self.writeIndex)
        self.base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }

    /// Moves the readable bytes to the front, so that `spare` is as large as can be. Offsets change.
    public func compact() {
        guard self.readIndex > 0 else { return }
        memmove(self.base, self.base + self.readIndex, self.count)
        self.writeIndex = self.count
        self.readIndex = 0
    }

    @inlinable
    public func append(_ byte: UInt8) {
        self.reserve(1)
        let end = self.writeIndex
        self.base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        self.writeIndex = end &+ 1
    }

    /// Appends a copy. `bytes` may lie in this very buffer.
    @inlinable
    public func append(_ bytes: ByteView) {
        let end = self.writeIndex
        if self.capacity &- end < bytes.count {
            self.appendGrowing(bytes)
        } else {
            memcpy(self.base + end, bytes.base, bytes.count)
            self.writeIndex = end &+ bytes.count
        }
    }

    @inline(never)
    public func appendGrowing(_ bytes: ByteView) {
        let offset = bytes.base - UnsafeRawPointer(self.base)
        let isOwn = offset >= 0 && offset < self.capacity
        self.grow(bytes.count)
        let source = isOwn ? UnsafeRawPointer(self.base) + offset : bytes.base
        memcpy(self.base + self.writeIndex, source, bytes.count)
        self.writeIndex += bytes.count
    }

    @inlinable @inline(__always)
    public func append(_ literal: StaticString) { self.append(ByteView(literal)) }

    /// Appends the text's UTF-8. A literal is taken by the function above, which makes no `String`.
    @_disfavoredOverload
    public func append(_ text: String) { text.withByteView { self.append($0) } }

    /// Appends `value` in decimal digits.
    public func appendDecimal(_ value: UInt64) {
        self.reserve(20)
        var rest = value
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, value >= bound {
            digits += 1
            bound = digits == 20 ? .max : bound &* 10
        }
        var at = self.writeIndex + digits
        self.writeIndex = at
        repeat {
            at -= 1
            self.base.storeBytes(
                of: 0x30 + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: at, as: UInt8.self
            )
            rest /= 10
        } while rest > 0
    }

    /// Appends `value` in lower-case hexadecimal without leading zeros.
    public func appendHexadecimal(_ value: UInt64) {
        self.appendHexadecimal(value, digits: max(1, (67 - value.leadingZeroBitCount) / 4))
    }

    /// Appends the last `digits` (1...16) hexadecimal digits of `value` in lower case.
    public func appendHexadecimal(_ value: UInt64, digits: Int) {
        self.reserve(16)
        if digits > 8 { self.storeHexadecimal(UInt32(truncatingIfNeeded: value >> 32), digits: digits - 8) }
        self.storeHexadecimal(UInt32(truncatingIfNeeded: value), digits: min(digits, 8))
    }

    /// All digits at once: a nibble goes into each byte of a word and becomes its character.
    private func storeHexadecimal(_ value: UInt32, digits: Int) {
        var word = UInt64(value)
        word = (word << 16 | word) & 0x0000_FFFF_0000_FFFF
        word = (word << 8 | word) & 0x00FF_00FF_00FF_00FF
        word = (word << 4 | word) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        word = (word &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).byteSwapped >> UInt64((8 - digits) * 8)
        self.base.storeBytes(of: word.littleEndian, toByteOffset: self.writeIndex, as: UInt64.self)
        self.writeIndex += digits
    }
}
