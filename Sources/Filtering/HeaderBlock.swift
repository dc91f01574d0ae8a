public import Primitives

/// The fields of one head or one trailer section, the same for HTTP/1 and HTTP/2.
///
/// Text lies in an arena; a field is a handful of offsets, in the order received, with the spelling received.
/// What HTTP/2 calls pseudo-fields (`:method`, `:path`, …) stands beside the fields. Kept with its exchange
/// and used again for the next, so a steady state allocates nothing. Views that it hands out live until the
/// next change.
///
/// - Important: The codec writes framing (`content-length`, `transfer-encoding`, `connection`, …) from what
///   it knows of the body; such fields here are for reading.
public final class HeaderBlock {
    /// The most bytes that names and values may take in the arena, replaced ones included.
    public static let arenaLimit = 1 << 20
    /// The most fields after edits; the codec enforces the configured limit for what is received.
    public static let fieldLimit = 1024
    /// The most bytes of arena that are kept for the next message.
    public static let keptCapacity = 16 << 10

    public let arena: ByteBuffer
    /// Response status, 100...599; 0 in a request or when unset.
    public var status = 0
    @usableFromInline var methodRange = ArenaRange(start: 0, length: 0)
    @usableFromInline var schemeRange = ArenaRange(start: 0, length: 0)
    @usableFromInline var authorityRange = ArenaRange(start: 0, length: 0)
    @usableFromInline var pathRange = ArenaRange(start: 0, length: 0)
    private var reasonRange = ArenaRange(start: 0, length: 0)
    /// Bit *n* is set when a field with ``HeaderID`` *n* may be present; never clear for one that is.
    @usableFromInline var presence: UInt64 = 0
    // SAFETY: `fields` has room for `fieldCapacity` elements of a trivial type, is owned by this object and
    // freed in deinit; 0 <= count <= fieldCapacity.
    @usableFromInline var fields: UnsafeMutablePointer<HeaderField>
    @usableFromInline var fieldCapacity: Int
    /// How many fields, pseudo-fields not counted.
    @inlinable public var count: Int { self.fieldCount }
    @usableFromInline var fieldCount = 0

    /// - Parameter capacity: Bytes of arena to begin with.
    public init(capacity: Int = 1024) {
        self.arena = ByteBuffer(capacity: capacity)
        self.fieldCapacity = 32
        self.fields = .allocate(capacity: self.fieldCapacity)
    }

    deinit { self.fields.deallocate() }

    /// Makes it empty; the memory is kept, but for what an unusually large message took.
    public func reset() {
        self.arena.reset(keeping: Self.keptCapacity)
        self.fieldCount = 0
        self.presence = 0
        self.status = 0
        let none = ArenaRange(start: 0, length: 0)
        self.methodRange = none
        self.schemeRange = none
        self.authorityRange = none
        self.pathRange = none
        self.reasonRange = none
    }

    /// The words behind the status in HTTP/1; empty: those that go with it.
    public var reason: ByteView { self.view(self.reasonRange) }

    /// - Returns: false when they hold what a status line may not (RFC 9112, 4).
    public func setReason(_ words: ByteView) -> Bool {
        guard HeaderSyntax.isValue(words), words.count <= 1024 else { return false }
        self.reasonRange = self.copy(words)
        return true
    }

    // MARK: Pseudo-fields

    /// Request method; empty in a response.
    @inlinable public var method: ByteView { self.view(self.methodRange) }
    /// `http` or `https`.
    @inlinable public var scheme: ByteView { self.view(self.schemeRange) }
    /// Host and port as the client named them (the Host field in HTTP/1); there is no `host` among the
    /// fields.
    @inlinable public var authority: ByteView { self.view(self.authorityRange) }
    /// Path with query, normalised.
    @inlinable public var path: ByteView { self.view(self.pathRange) }

    /// Where ``path`` lies, for who keeps it before setting another.
    @inlinable public var pathPlace: ArenaRange { self.pathRange }

    /// The bytes at a place of the arena, until the next change.
    @inlinable
    public func view(_ range: ArenaRange) -> ByteView {
        self.arena.view(at: Int(range.start), Int(range.length))
    }

    // MARK: Reading fields

    @inlinable
    public subscript(index: Int) -> HeaderField {
        assert(index >= 0 && index < self.count)
        return self.fields[index]
    }

    @inlinable
    public func name(_ field: HeaderField) -> ByteView {
        self.arena.view(at: Int(field.nameStart), Int(field.nameLength))
    }

    @inlinable
    public func value(_ field: HeaderField) -> ByteView {
        self.arena.view(at: Int(field.valueStart), Int(field.valueLength))
    }

    /// Whether a field called `id` is there.
    @inlinable
    public func contains(_ id: HeaderID) -> Bool { self.firstIndex(of: id) != nil }

    /// The index of the first field called `id`, at or after `start`.
    ///
    /// - Complexity: O(fields), one bit test when there is none; `id` must not be ``HeaderID/other``.
    @inlinable
    public func firstIndex(of id: HeaderID, from start: Int = 0) -> Int? {
        guard self.presence & (1 << UInt64(id.rawValue)) != 0 else { return nil }
        var index = start
        while index < self.count {
            if self.fields[index].id == id { return index }
            index += 1
        }
        return nil
    }

    /// The index of the first field called `name` in any case, at or after `start`.
    public func firstIndex(named name: ByteView, from start: Int = 0) -> Int? {
        let id = HeaderID.of(name)
        if id != .other { return self.firstIndex(of: id, from: start) }
        guard self.presence & 1 != 0 else { return nil }
        var index = start
        while index < self.count {
            let field = self.fields[index]
            if field.id == .other, Int(field.nameLength) == name.count,
                self.name(field).equalsIgnoringCase(name)
            {
                return index
            }
            index += 1
        }
        return nil
    }

    /// The value of the first field called `id`.
    @inlinable
    public func first(_ id: HeaderID) -> ByteView? {
        guard let index = self.firstIndex(of: id) else { return nil }
        return self.value(self.fields[index])
    }

    /// The value of the first field called `name` in any case; pseudo-fields are found by `:method` and so
    /// on.
    public func first(named name: ByteView) -> ByteView? {
        if !name.isEmpty, name[0] == 0x3A { return self.pseudo(name) }
        guard let index = self.firstIndex(named: name) else { return nil }
        return self.value(self.fields[index])
    }

    /// The value of a pseudo-field other than `:status`; nil when unknown or unset.
    func pseudo(_ name: ByteView) -> ByteView? {
        let value: ByteView
        if name == ":path" {
            value = self.path
        } else if name == ":method" {
            value = self.method
        } else if name == ":authority" {
            value = self.authority
        } else if name == ":scheme" {
            value = self.scheme
        } else {
            return nil
        }
        return value.isEmpty ? nil : value
    }

    // MARK: For codecs: no checks, the caller has made them

    @inlinable @inline(__always)
    public func append(_ field: HeaderField) {
        let index = self.fieldCount
        if index == self.fieldCapacity { self.growFields() }
        self.fields[index] = field
        self.fieldCount = index &+ 1
        self.presence |= 1 &<< UInt64(field.id.rawValue)
    }

    @inlinable public func setMethod(_ range: ArenaRange) { self.methodRange = range }
    @inlinable public func setScheme(_ range: ArenaRange) { self.schemeRange = range }
    @inlinable public func setAuthority(_ range: ArenaRange) { self.authorityRange = range }
    @inlinable public func setPath(_ range: ArenaRange) { self.pathRange = range }

    @inline(never)
    @usableFromInline
    func growFields() {
        let bigger = UnsafeMutablePointer<HeaderField>.allocate(capacity: self.fieldCapacity * 2)
        bigger.update(from: self.fields, count: self.count)
        self.fields.deallocate()
        self.fields = bigger
        self.fieldCapacity *= 2
    }

    /// Puts `field` in the place of the one at `index`; the id must be the same.
    @inlinable
    public func replace(at index: Int, with field: HeaderField) {
        assert(index >= 0 && index < self.count && field.id == self.fields[index].id)
        self.fields[index] = field
    }

    /// Removes the field at `index`; later ones move down.
    public func remove(at index: Int) {
        assert(index >= 0 && index < self.count)
        let rest = self.count - index - 1
        if rest > 0 { (self.fields + index).update(from: self.fields + index + 1, count: rest) }
        self.fieldCount -= 1
    }

    /// Replaces the value of the field at `index` with bytes that the arena holds.
    func replaceValue(at index: Int, _ range: ArenaRange) {
        self.fields[index].valueStart = range.start
        self.fields[index].valueLength = range.length
        self.fields[index].isVerbatim = false
    }
}
