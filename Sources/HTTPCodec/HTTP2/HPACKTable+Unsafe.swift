internal import Filtering
internal import Glibc
internal import Primitives

/// The dynamic table of one direction (RFC 7541, 2.3.2): a ring of entries, whose lines lie one behind the
/// other in an arena.
///
/// An entry has a number, one more than that of the one before; numbers wrap.
struct HPACKTable: ~Copyable {
    struct Entry {
        /// Of its line, in the arena.
        var start: UInt32
        let nameLength: UInt32
        let valueLength: UInt32
        let facts: HPACKFieldFacts
        /// In the table's own measure.
        var size: Int { Int(self.nameLength) &+ Int(self.valueLength) &+ HPACKTable.overhead }
    }

    /// What an entry counts beside its bytes (RFC 7541, 4.1).
    static var overhead: Int { 32 }
    /// The table's size at the beginning of a connection.
    static var initialLimit: Int { 4096 }

    // SAFETY: room for `capacity` entries, a power of two, of a trivial type, of which those of the last
    // `count` numbers are set; owned by this table alone and freed in deinit.
    private var ring: UnsafeMutablePointer<Entry>
    private var capacity = 16
    private(set) var count = 0
    /// The number of the entry that comes next.
    private(set) var next: UInt32 = 0
    // SAFETY: `room` bytes, owned by this table alone and freed in deinit; the entries' lines lie between
    // `start` and `end`.
    private var arena: UnsafeMutableRawPointer
    private var room = 256
    private var start = 0
    private var end = 0
    private(set) var size = 0
    private(set) var limit = Self.initialLimit

    init() {
        self.ring = .allocate(capacity: 16)
        self.arena = .allocate(byteCount: 256, alignment: 16)
    }

    deinit {
        self.ring.deallocate()
        self.arena.deallocate()
    }

    /// - Parameter number: Of one of the last `count` entries.
    @inline(__always)
    func entry(number: UInt32) -> Entry {
        assert(self.next &- number &- 1 < UInt32(self.count))
        return self.ring[Int(number) & (self.capacity &- 1)]
    }

    /// The field of an entry; lives until the next insertion.
    @inline(__always)
    func field(number: UInt32) -> HPACKField {
        let entry = self.entry(number: number)
        let length = Int(entry.nameLength) &+ Int(entry.valueLength) &+ 4
        return HPACKField(
            line: ByteView(base: UnsafeRawPointer(self.arena) + Int(entry.start), count: length),
            nameLength: Int(entry.nameLength), valueLength: Int(entry.valueLength), facts: entry.facts)
    }

    mutating func changeLimit(to bytes: Int) {
        self.limit = bytes
        while self.size > bytes { self.evict() }
    }

    /// Adds an entry, for which older ones go; one that is larger than the table only empties it.
    ///
    /// - Parameters:
    ///   - name: Does not lie in this table, nor does the value.
    /// - Returns: Whether it is there.
    mutating func insert(_ name: ByteView, _ value: ByteView, _ facts: HPACKFieldFacts) -> Bool {
        let bytes = name.count &+ value.count &+ Self.overhead
        while self.count > 0, self.size &+ bytes > self.limit { self.evict() }
        if bytes > self.limit { return false }
        if self.count == self.capacity { self.growRing() }
        let length = name.count &+ value.count &+ 4
        if self.end &+ length > self.room { self.makeRoom(length) }

        let at = self.arena + self.end
        at.copyMemory(from: name.base, byteCount: name.count)
        at.storeBytes(of: HeaderBlock.colonSpace, toByteOffset: name.count, as: UInt16.self)
        (at + name.count + 2).copyMemory(from: value.base, byteCount: value.count)
        at.storeBytes(of: HeaderBlock.lineEnd, toByteOffset: length &- 2, as: UInt16.self)
        self.ring[Int(self.next) & (self.capacity &- 1)] = Entry(
            start: UInt32(truncatingIfNeeded: self.end),
            nameLength: UInt32(truncatingIfNeeded: name.count),
            valueLength: UInt32(truncatingIfNeeded: value.count), facts: facts)
        self.end &+= length
        self.next &+= 1
        self.count &+= 1
        self.size &+= bytes
        return true
    }

    private mutating func evict() {
        let oldest = self.entry(number: self.next &- UInt32(self.count))
        self.count &-= 1
        self.size &-= oldest.size
        if self.count == 0 {
            self.start = 0
            self.end = 0
        } else {
            self.start = Int(self.entry(number: self.next &- UInt32(self.count)).start)
        }
    }

    private mutating func growRing() {
        let bigger = UnsafeMutablePointer<Entry>.allocate(capacity: self.capacity * 2)
        for age in 1...UInt32(self.count) {
            let number = self.next &- age
            bigger[Int(number) & (self.capacity * 2 - 1)] = self.entry(number: number)
        }
        self.ring.deallocate()
        self.ring = bigger
        self.capacity *= 2
    }

    /// Moves the lines to the front of the arena, or of one that they fill by less than a half: so that it
    /// happens once for many insertions.
    private mutating func makeRoom(_ length: Int) {
        let lines = self.end - self.start
        let old = self.arena
        var wanted = self.room
        while (lines + length) * 2 > wanted { wanted *= 2 }
        if wanted > self.room { self.arena = .allocate(byteCount: wanted, alignment: 16) }
        memmove(self.arena, old + self.start, lines)
        if wanted > self.room { old.deallocate() }
        self.room = wanted
        if self.count > 0 {
            for age in 1...UInt32(self.count) {
                self.ring[Int(self.next &- age) & (self.capacity - 1)].start -= UInt32(self.start)
            }
        }
        self.start = 0
        self.end = lines
    }
}
