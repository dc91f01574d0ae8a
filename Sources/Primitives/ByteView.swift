public import Glibc

// A buffer type: the one place, with ``ByteBuffer``, where the data path touches raw memory
// (docs/decisions/0002).

/// Bytes that somebody else owns, seen for a short while.
///
/// A view is two words and costs no reference count. Whoever hands one out says how long it lives: most often
/// until the hook or call that received it returns. Never store one past that.
public struct ByteView: @unchecked Sendable {
    // SAFETY: `base` addresses `count` readable bytes for as long as the owner promised; `@unchecked
    // Sendable` because views of immutable storage (a static string, a compiled table) are shared between
    // workers.
    public let base: UnsafeRawPointer
    /// How many bytes.
    public let count: Int

    @inlinable
    public init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    /// An empty buffer's base may be nil; the view then points at static storage and has no bytes.
    @inlinable
    public init(_ buffer: UnsafeRawBufferPointer) {
        self.base = buffer.baseAddress ?? UnsafeRawPointer(StaticString("").utf8Start)
        self.count = buffer.count
    }

    /// The bytes of a literal; they live for ever.
    @inlinable
    public init(_ literal: StaticString) {
        self.base = UnsafeRawPointer(literal.utf8Start)
        self.count = literal.utf8CodeUnitCount
    }

    @inlinable public static var empty: ByteView { ByteView("" as StaticString) }

    @inlinable public var isEmpty: Bool { self.count == 0 }

    /// The byte at `index`; the caller keeps `index` within `0..<count` (checked in debug builds).
    @inlinable
    public subscript(index: Int) -> UInt8 {
        assert(index >= 0 && index < self.count)
        return self.base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The bytes from `start` up to, not including, `end`.
    @inlinable
    public subscript(range: Range<Int>) -> ByteView {
        assert(range.lowerBound >= 0 && range.upperBound <= self.count)
        return ByteView(base: self.base + range.lowerBound, count: range.count)
    }

    /// As the range would give, without making one: for loops that are counted in instructions.
    @inlinable
    public func slice(from start: Int, to end: Int) -> ByteView {
        assert(start >= 0 && start <= end && end <= self.count)
        return ByteView(base: self.base + start, count: end &- start)
    }

    /// Sixteen bytes from `offset` on, for scans by vector.
    @inlinable
    public func vector(at offset: Int) -> SIMD16<UInt8> {
        assert(offset + 16 <= self.count)
        return self.base.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    @inlinable
    public func dropFirst(_ bytes: Int) -> ByteView {
        assert(bytes <= self.count)
        return ByteView(base: self.base + bytes, count: self.count - bytes)
    }

    /// Eight bytes from `offset` on, in memory order, for word-wise scans.
    @inlinable
    public func word(at offset: Int) -> UInt64 {
        assert(offset + 8 <= self.count)
        return self.base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// Four bytes from `offset` on, in memory order.
    @inlinable
    public func halfWord(at offset: Int) -> UInt32 {
        assert(offset + 4 <= self.count)
        return self.base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    /// For C functions and the standard library; the result lives as long as the view.
    @inlinable public var buffer: UnsafeRawBufferPointer { .init(start: self.base, count: self.count) }

    @inlinable
    public func firstIndex(of byte: UInt8) -> Int? {
        guard self.count > 0, let found = memchr(self.base, Int32(byte), self.count) else { return nil }
        return UnsafeRawPointer(found) - self.base
    }

    @inlinable
    public static func == (a: ByteView, b: ByteView) -> Bool {
        a.count == b.count && memcmp(a.base, b.base, a.count) == 0
    }

    @inlinable
    public static func == (a: ByteView, b: StaticString) -> Bool { a == ByteView(b) }

    @inlinable
    public func hasPrefix(_ prefix: ByteView) -> Bool {
        self.count >= prefix.count && memcmp(self.base, prefix.base, prefix.count) == 0
    }

    /// Whether the two are equal when ASCII letters are compared without case.
    @inlinable
    public func equalsIgnoringCase(_ other: ByteView) -> Bool {
        guard self.count == other.count else { return false }
        var index = 0
        if self.count >= 8 {
            // The last eight bytes, which may overlap with others, instead of a tail byte by byte.
            let last = self.count &- 8
            if ByteWord.lowercase(self.word(at: last)) != ByteWord.lowercase(other.word(at: last)) {
                return false
            }
            while index < last {
                if ByteWord.lowercase(self.word(at: index)) != ByteWord.lowercase(other.word(at: index)) {
                    return false
                }
                index &+= 8
            }
            return true
        }
        while index < self.count {
            if asciiLowercase(self[index]) != asciiLowercase(other[index]) { return false }
            index &+= 1
        }
        return true
    }

    /// Without spaces and tabs at both ends (RFC 9110, 5.6.3: OWS).
    public func trimmed() -> ByteView {
        var start = 0
        var end = self.count
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return self[start..<end]
    }

    /// The number that the bytes spell in decimal digits only.
    ///
    /// - Returns: nil when empty, when any byte is no digit, or past `UInt64.max`.
    public func decimal() -> UInt64? {
        guard self.count > 0, self.count <= 20 else { return nil }
        var value: UInt64 = 0
        for index in 0..<self.count {
            let digit = self[index] &- 0x30
            guard digit <= 9 else { return nil }
            let (scaled, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt64(digit))
            guard !over, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// A copy as text; malformed UTF-8 becomes U+FFFD. Not for the request path: it allocates.
    public var string: String { String(decoding: self.buffer, as: UTF8.self) }

    /// A copy of the bytes. Not for the request path: it allocates.
    public var bytes: [UInt8] { Array(self.buffer) }
}

/// `byte` in lower case when it is an ASCII letter.
@inlinable
public func asciiLowercase(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}

extension String {
    /// Lends the text's UTF-8 for the length of one call.
    public func withByteView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
        var copy = self
        return try copy.withUTF8 { try body(ByteView(UnsafeRawBufferPointer($0))) }
    }
}

extension Array where Element == UInt8 {
    /// Lends the bytes for the length of one call.
    public func withByteView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
        try self.withUnsafeBytes { try body(ByteView($0)) }
    }
}
