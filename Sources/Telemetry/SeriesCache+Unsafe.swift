/// A worker's own way from a packed key to a series, so that counting needs neither a lock nor a `String`.
///
/// Open addressing with linear probing. The caller chooses the key: whatever the label values depend on,
/// packed.
public struct SeriesCache: ~Copyable {
    // SAFETY: `slots` has `mask + 1` slots, owned by this value alone and freed in deinit; indices are
    // masked.
    @usableFromInline struct Slot {
        @usableFromInline var key: UInt64
        /// The series' cell and 1; 0 in an empty slot.
        @usableFromInline var cellAndOne: UInt64
    }
    @usableFromInline var slots: UnsafeMutablePointer<Slot>
    @usableFromInline var mask: Int
    /// How many keys are held.
    public private(set) var count = 0
    private let limit: Int

    /// - Parameter limit: The most keys; further ones are not remembered.
    public init(limit: Int = 65_536) {
        self.mask = 63
        self.limit = limit
        self.slots = .allocate(capacity: 64)
        self.slots.initialize(repeating: Slot(key: 0, cellAndOne: 0), count: 64)
    }

    deinit { self.slots.deallocate() }

    /// The series remembered for `key`.
    @inlinable
    public func find(_ key: UInt64) -> MetricSeries? {
        var index = self.slot(key)
        while true {
            let slot = self.slots[index]
            if slot.cellAndOne == 0 { return nil }
            if slot.key == key { return MetricSeries(cell: UInt32(truncatingIfNeeded: slot.cellAndOne &- 1)) }
            index = (index + 1) & self.mask
        }
    }

    /// Remembers `series` for `key`, which is not there yet.
    ///
    /// - Returns: Whether there was room.
    @discardableResult
    public mutating func insert(_ key: UInt64, _ series: MetricSeries) -> Bool {
        guard self.count < self.limit else { return false }
        if (self.count + 1) * 2 > self.mask + 1 { self.grow() }
        self.put(Slot(key: key, cellAndOne: UInt64(series.cell) + 1))
        self.count += 1
        return true
    }

    /// Whether nothing more can be remembered.
    public var isFull: Bool { self.count >= self.limit }

    @inlinable
    func slot(_ key: UInt64) -> Int {
        // Fibonacci hashing: the multiplication spreads packed fields over the upper half.
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & self.mask
    }

    private func put(_ slot: Slot) {
        var index = self.slot(slot.key)
        while self.slots[index].cellAndOne != 0 { index = (index + 1) & self.mask }
        self.slots[index] = slot
    }

    private mutating func grow() {
        let old = self.slots
        let oldCount = self.mask + 1
        self.slots = .allocate(capacity: oldCount * 2)
        self.slots.initialize(repeating: Slot(key: 0, cellAndOne: 0), count: oldCount * 2)
        self.mask = oldCount * 2 - 1
        for index in 0..<oldCount where old[index].cellAndOne != 0 { self.put(old[index]) }
        old.deallocate()
    }
}
