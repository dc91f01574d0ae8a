internal import Glibc
internal import Primitives

/// What handlers have answered, for one worker: by the step and the record that it was asked about, which has
/// all that the decision depended on, absent values too.
///
/// A fixed number of places in sets of eight; the place whose answer ends soonest goes first.
struct AnswerCache<Answer>: ~Copyable {
    // SAFETY: `places` has `sets * ways` initialised places, owned by this value alone; indices are masked.
    private struct Place {
        var hash: UInt64 = 0
        /// Monotonic nanoseconds; 0: empty.
        var end: UInt64 = 0
        var key: [UInt8] = []
        var answer: Answer?
    }
    private let places: UnsafeMutablePointer<Place>
    private let sets: Int
    private static var ways: Int { 8 }

    /// - Parameter capacity: Rounded up to a power of two; at least 64.
    init(capacity: Int) {
        var sets = 8
        while sets * Self.ways < capacity { sets *= 2 }
        self.sets = sets
        self.places = .allocate(capacity: sets * Self.ways)
        self.places.initialize(repeating: Place(), count: sets * Self.ways)
    }

    deinit {
        self.places.deinitialize(count: self.sets * Self.ways)
        self.places.deallocate()
    }

    /// The longest record whose answer is remembered, in bytes.
    static var longestKey: Int { 4096 }

    /// Calls `body` with the answer that is remembered and still good.
    ///
    /// - Returns: nil when there is none, or when `body` gives nil.
    func find<Result>(
        _ key: ByteView, hash: UInt64, now: UInt64, _ body: (inout Answer) -> Result?
    ) -> Result? {
        let set = self.set(hash)
        for index in 0..<Self.ways {
            let place = set + index
            guard place.pointee.hash == hash, place.pointee.end > now, place.pointee.key.count == key.count,
                place.pointee.key.withUnsafeBytes({
                    $0.baseAddress.map { memcmp($0, key.base, key.count) == 0 } ?? true
                })
            else { continue }
            guard var answer = place.pointee.answer else { return nil }
            let result = body(&answer)
            place.pointee.answer = answer
            return result
        }
        return nil
    }

    /// Remembers an answer until `end`.
    func insert(_ key: ByteView, hash: UInt64, _ answer: Answer, until end: UInt64) {
        guard key.count <= Self.longestKey else { return }
        let set = self.set(hash)
        var chosen = set
        for index in 0..<Self.ways {
            let place = set + index
            if place.pointee.hash == hash, place.pointee.key.elementsEqual(key.buffer) {
                chosen = place
                break
            }
            if place.pointee.end < chosen.pointee.end { chosen = place }
        }
        chosen.pointee = Place(hash: hash, end: end, key: key.bytes, answer: answer)
    }

    private func set(_ hash: UInt64) -> UnsafeMutablePointer<Place> {
        self.places + (Int(truncatingIfNeeded: hash >> 32) & (self.sets - 1)) * Self.ways
    }
}
