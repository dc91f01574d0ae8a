/// Where one field lies in the arena of its ``HeaderBlock``.
public struct HeaderField: Sendable {
    public var nameStart: UInt32
    public var valueStart: UInt32
    public var valueLength: UInt32
    public var nameLength: UInt16
    public var id: HeaderID
    @usableFromInline var flags: UInt8

    /// The arena holds `name ":" value CRLF` from `nameStart` on, just as it was received, so a serialiser
    /// may copy the line, and neighbouring lines, in one go.
    @inlinable public var isVerbatim: Bool {
        get { self.flags & 1 != 0 }
        set { self.flags = self.flags & ~1 | (newValue ? 1 : 0) }
    }

    /// Whoever sent it forbade every compression table (RFC 7541, 7.1.3); so does who passes it on.
    @inlinable public var isNeverIndexed: Bool { self.flags & 2 != 0 }

    @inlinable
    public init(
        nameStart: Int, nameLength: Int, valueStart: Int, valueLength: Int, id: HeaderID, isVerbatim: Bool,
        isNeverIndexed: Bool = false
    ) {
        self.nameStart = UInt32(truncatingIfNeeded: nameStart)
        self.nameLength = UInt16(truncatingIfNeeded: nameLength)
        self.valueStart = UInt32(truncatingIfNeeded: valueStart)
        self.valueLength = UInt32(truncatingIfNeeded: valueLength)
        self.id = id
        self.flags = (isVerbatim ? 1 : 0) | (isNeverIndexed ? 2 : 0)
    }
}

/// A run of bytes in an arena; no bytes and no place when `start` is 0 and `length` is 0.
public struct ArenaRange: Sendable {
    public var start: UInt32
    public var length: UInt32

    @inlinable
    public init(start: Int, length: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
    }
}

/// What became of a change to a header block.
public enum HeaderEdit: Sendable, Hashable {
    case done
    /// The name is no token (RFC 9110, 5.6.2), or begins with ":" and is no pseudo-field of this block.
    case invalidName
    /// The value holds CR, LF, NUL or another control character (RFC 9110, 5.5).
    case invalidValue
    /// The block would exceed its limit of fields or bytes.
    case tooLarge
}
