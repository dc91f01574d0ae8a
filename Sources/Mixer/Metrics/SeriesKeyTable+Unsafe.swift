internal import Glibc
internal import Primitives
internal import Telemetry

/// A worker's own way from the values of dimensions to the series of a group's metrics: counting needs
/// neither a lock nor a `String`.
///
/// Open addressing with linear probing over hashes. In `bytes` lie keys, each with its series behind it:
///
///     | series that discard, one a metric | key | its series, one a metric | key | …
struct SeriesKeyTable: ~Copyable {
    // SAFETY: `slots` has `mask + 1` slots, owned by this value alone and freed in deinit; indices are
    // masked; `start` and `length` of a slot are within `bytes`, which only grows, and `width` series follow.
    // A list is handed out for such series only, and is good until the next insertion.
    private struct Slot {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        /// Of the key, and 1; 0 in an empty slot.
        var lengthAndOne: UInt32 = 0
    }
    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    private let bytes = ByteBuffer(capacity: 1024)
    private(set) var count = 0
    private let limit: Int
    private let width: Int

    /// The series of one key, by metric; until the next insertion.
    struct SeriesList {
        private let start: UnsafeRawPointer

        fileprivate init(_ start: UnsafeRawPointer) { self.start = start }

        @inline(__always)
        subscript(index: Int) -> MetricSeries {
            self.start.loadUnaligned(
                fromByteOffset: index &* MemoryLayout<MetricSeries>.stride, as: MetricSeries.self)
        }
    }

    /// Series that take every value and show none.
    var discarded: SeriesList { SeriesList(self.bytes.base) }

    /// - Parameters:
    ///   - limit: The most keys.
    ///   - width: How many series each has.
    init(limit: Int, width: Int) {
        self.mask = 63
        self.limit = limit
        self.width = width
        self.slots = .allocate(capacity: 64)
        self.slots.initialize(repeating: Slot(), count: 64)
        self.append(ContiguousArray(repeating: .discarded, count: width))
    }

    deinit { self.slots.deallocate() }

    /// Whether nothing more can be remembered.
    var isFull: Bool { self.count >= self.limit || self.bytes.count > 1 << 30 }

    /// The series of a key.
    func find(_ key: ByteView, hash: UInt64) -> SeriesList? {
        var index = Int(truncatingIfNeeded: hash >> 32) & self.mask
        while true {
            let slot = self.slots[index]
            if slot.lengthAndOne == 0 { return nil }
            if slot.hash == hash, Int(slot.lengthAndOne) &- 1 == key.count,
                memcmp(self.bytes.base + Int(slot.start), key.base, key.count) == 0
            {
                return SeriesList(self.bytes.base + (Int(slot.start) &+ key.count))
            }
            index = (index &+ 1) & self.mask
        }
    }

    /// Remembers the series of a key that is not there yet.
    ///
    /// - Returns: The same; ``discarded`` when there is no room.
    mutating func insert(
        _ key: ByteView, hash: UInt64, _ series: ContiguousArray<MetricSeries>
    ) -> SeriesList {
        guard !self.isFull, series.count == self.width else { return self.discarded }
        if (self.count + 1) * 2 > self.mask + 1 { self.grow() }
        let start = self.bytes.writeIndex
        self.bytes.append(key)
        self.append(series)
        self.put(Slot(hash: hash, start: UInt32(start), lengthAndOne: UInt32(key.count) + 1))
        self.count += 1
        return SeriesList(self.bytes.base + (start + key.count))
    }

    private func append(_ series: ContiguousArray<MetricSeries>) {
        let stride = MemoryLayout<MetricSeries>.stride
        self.bytes.reserve(series.count * stride)
        for one in series {
            self.bytes.base.storeBytes(of: one, toByteOffset: self.bytes.writeIndex, as: MetricSeries.self)
            self.bytes.writeIndex += stride
        }
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
