/// The open streams of a connection, found by number without hashing.
///
/// Numbers of one side are odd (or even) and grow, so half of one is a good place in a table of a power of
/// two; collisions take the next place.
struct HTTP2StreamTable: ~Copyable {
    // SAFETY: `places` has `capacity` elements, owned by this table alone and freed in deinit; each is nil or
    // holds one retain of a stream, taken in `insert` and given back in `remove`.
    private var places: UnsafeMutablePointer<Unmanaged<HTTP2Stream>?>
    private var capacity: Int
    private(set) var count = 0
    /// Streams that are not in the first place for them: while there are none, one is taken out without a
    /// look at its neighbours, which are many where numbers follow each other.
    private var displaced = 0

    init() {
        self.capacity = 8
        self.places = .allocate(capacity: 8)
        self.places.initialize(repeating: nil, count: 8)
    }

    deinit {
        for index in 0..<self.capacity { self.places[index]?.release() }
        self.places.deallocate()
    }

    @inline(__always)
    private func home(_ id: UInt32) -> Int { Int(id >> 1) & (self.capacity &- 1) }

    /// The open stream with that number.
    @inline(__always)
    func find(_ id: UInt32) -> HTTP2Stream? {
        var index = self.home(id)
        while let place = self.places[index] {
            let stream = place._withUnsafeGuaranteedRef { $0.id == id }
            if stream { return place.takeUnretainedValue() }
            index = (index &+ 1) & (self.capacity &- 1)
        }
        return nil
    }

    /// - Parameter stream: Its number is not in the table.
    mutating func insert(_ stream: HTTP2Stream) {
        if self.count &* 2 >= self.capacity { self.grow() }
        self.place(Unmanaged.passRetained(stream), stream.id)
        self.count &+= 1
    }

    private mutating func place(_ stream: Unmanaged<HTTP2Stream>, _ id: UInt32) {
        var index = self.home(id)
        if self.places[index] != nil {
            self.displaced &+= 1
            repeat { index = (index &+ 1) & (self.capacity &- 1) } while self.places[index] != nil
        }
        self.places[index] = stream
    }

    private mutating func grow() {
        let (old, oldCapacity) = (self.places, self.capacity)
        self.capacity = oldCapacity * 2
        self.places = .allocate(capacity: self.capacity)
        self.places.initialize(repeating: nil, count: self.capacity)
        self.displaced = 0
        for index in 0..<oldCapacity {
            if let stream = old[index] { self.place(stream, stream._withUnsafeGuaranteedRef { $0.id }) }
        }
        old.deallocate()
    }

    /// - Returns: The stream, no longer kept by the table.
    mutating func remove(_ id: UInt32) -> HTTP2Stream? {
        var hole = self.home(id)
        while let place = self.places[hole], place._withUnsafeGuaranteedRef({ $0.id != id }) {
            hole = (hole &+ 1) & (self.capacity &- 1)
        }
        guard let found = self.places[hole] else { return nil }
        self.count &-= 1
        if hole != self.home(id) { self.displaced &-= 1 }
        if self.displaced > 0 { self.closeHole(&hole) }
        self.places[hole] = nil
        return found.takeRetainedValue()
    }

    @inline(never)
    private mutating func closeHole(_ hole: inout Int) {
        // Streams behind it that would now not be found move up.
        var index = hole
        while true {
            index = (index &+ 1) & (self.capacity &- 1)
            guard let place = self.places[index] else { break }
            let home = self.home(place._withUnsafeGuaranteedRef { $0.id })
            if (index &- home) & (self.capacity &- 1) >= (index &- hole) & (self.capacity &- 1) {
                if hole == home { self.displaced &-= 1 }
                self.places[hole] = place
                hole = index
            }
        }
    }

    /// The streams at this moment; allocates.
    func all() -> [HTTP2Stream] {
        (0..<self.capacity).compactMap { self.places[$0]?.takeUnretainedValue() }
    }
}
