internal import Glibc
internal import Primitives
internal import Telemetry

/// A worker's own way from the values of dimensions to a series: counting needs neither a lock nor a
/// `String`.
///
/// Open addressing with linear probing over hashes; keys lie one after the other in `bytes`.
struct SeriesKeyTable: ~Copyable {
    // SAFETY: `slots` has `mask + 1` slots, owned by this value alone and freed in deinit; indices are
    // masked; `start` and `length` of a slot are within `bytes`, which only grows.
    private struct Slot {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        /// Of the key, and 1; 0 in an empty slot.
        var lengthAndOne: UInt32 = 0
        var series = MetricSeries.discarded
    }
    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    private let bytes = ByteBuffer(capacity: 1024)
    private(set) var count = 0
    private let limit: Int

    /// - Parameter limit: The most keys.
    init(limit: Int) {
        self.mask = 63
        self.limit = limit
        self.slots = .allocate(capacity: 64)
        self.slots.initialize(repeating: Slot(), count: 64)
    }

    deinit { self.slots.deallocate() }

    /// Whether nothing more can be remembered.
    var isFull: Bool { self.count >= self.limit || self.bytes.count > 1 << 30 }

    func find(_ key: ByteView, hash: UInt64) -> MetricSeries? {
        var index = Int(truncatingIfNeeded: hash >> 32) & self.mask
        while true {
            let slot = self.slots[index]
            if slot.lengthAndOne == 0 { return nil }
            if slot.hash == hash, Int(slot.lengthAndOne) &- 1 == key.count,
                memcmp(self.bytes.base + Int(slot.start), key.base, key.count) == 0
            {
                return slot.series
            }
            index = (index &+ 1) & self.mask
        }
    }

    /// Remembers a series for a key that is not there yet, while there is room.
    mutating func insert(_ key: ByteView, hash: UInt64, _ series: MetricSeries) {
        guard !self.isFull else { return }
        if (self.count + 1) * 2 > self.mask + 1 { self.grow() }
        let start = self.bytes.writeIndex
        self.bytes.append(key)
        self.put(
            Slot(hash: hash, start: UInt32(start), lengthAndOne: UInt32(key.count) + 1, series: series))
        self.count += 1
    }

    private func put(_ slot: Slot) {
        var index = Int(truncatingIfNeeded: slot.hash >> 32) & self.mask
        while self.slots[index].lengthAndOne != 0 { index = (index + 1) & self.mask }
        self.slots[index] = slot
    }

    private mutating func grow() {
        let old = self.slots
        let oldCount = self.mask + 1
        self.slots = .allocate(capacity: oldCount * 2)
        self.slots.initialize(repeating: Slot(), count: oldCount * 2)
        self.mask = oldCount * 2 - 1
        for index in 0..<oldCount where old[index].lengthAndOne != 0 { self.put(old[index]) }
        old.deallocate()
    }
}

extension ByteView {
    /// A hash of the bytes, for tables of a worker's own: collisions cost time only, and keys are compared.
    var mixedHash: UInt64 {
        var hash = UInt64(truncatingIfNeeded: self.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index &+ 8 <= self.count {
            hash = (hash ^ self.word(at: index)) &* 0x9FB2_1C65_1E98_DF25
            hash ^= hash >> 32
            index &+= 8
        }
        var tail: UInt64 = 0
        while index < self.count {
            tail = tail << 8 | UInt64(self[index])
            index &+= 1
        }
        hash = (hash ^ tail) &* 0x9FB2_1C65_1E98_DF25
        return hash ^ hash >> 29
    }
}
