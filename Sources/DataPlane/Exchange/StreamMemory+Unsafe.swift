internal import Filtering
internal import Glibc

/// What the filters of one exchange keep: which instance runs at each place, and its stream state.
///
/// Sized once for the largest chain of a snapshot, so that addresses given to plugins stay valid.
final class StreamMemory {
    // SAFETY: both are owned here and freed in deinit; `filters` has `places` elements of which the first
    // `opened` are initialised; an unretained filter lives as long as the snapshot that the exchange holds.
    private var filters: UnsafeMutablePointer<Unmanaged<Filter>?>
    private var state: UnsafeMutableRawPointer
    private var places: Int
    private var bytes: Int
    /// Places that the request has reached, skipped ones included.
    private(set) var opened = 0

    init() {
        self.places = 8
        self.bytes = 512
        self.filters = .allocate(capacity: self.places)
        self.state = .allocate(byteCount: self.bytes, alignment: 16)
    }

    deinit {
        self.filters.deallocate()
        self.state.deallocate()
    }

    /// Makes room before the first filter is opened.
    func prepare(places: Int, bytes: Int) {
        assert(self.opened == 0)
        if places > self.places {
            self.filters.deallocate()
            self.filters = .allocate(capacity: places)
            self.places = places
        }
        if bytes > self.bytes {
            self.state.deallocate()
            self.state = .allocate(byteCount: bytes, alignment: 16)
            self.bytes = bytes
        }
    }

    /// Remembers `filter` as the one at the next place and zeroes its state.
    func open(_ filter: Filter?, stateOffset: Int) {
        precondition(self.opened < self.places && stateOffset + (filter?.stateSize ?? 0) <= self.bytes)
        self.filters[self.opened] = filter.map { Unmanaged.passUnretained($0) }
        self.opened += 1
        if let filter { memset(self.state + stateOffset, 0, filter.stateSize) }
    }

    /// The instance at a place that was opened; nil where it was skipped.
    func filter(at index: Int) -> Filter? {
        assert(index < self.opened)
        return self.filters[index]?.takeUnretainedValue()
    }

    func slot(_ index: Int, stateOffset: Int) -> FilterSlot {
        FilterSlot(index: index, state: self.state + stateOffset)
    }

    func reset() { self.opened = 0 }
}
