internal import Primitives

/// A part of a ``KeyValueStore`` under one lock.
final class Shard: Sendable {
    /// What becomes of an entry.
    enum Change {
        case keep
        case put([UInt8], lifetime: UInt64)
        /// Changes the value, not the time of its expiry.
        case replace([UInt8])
        case remove
    }

    struct Entry {
        let key: [UInt8]
        var value: [UInt8]
        /// Nanoseconds; 0: never.
        var expiry: UInt64
        /// Since the clock's hand came by.
        var wasUsed: Bool

        var size: Int { self.key.count + self.value.count + KeyValueStore.overhead }
        func isExpired(_ now: MonotonicTime) -> Bool { self.expiry != 0 && self.expiry <= now.nanoseconds }
    }

    struct State {
        var places: [[UInt8]: Int] = [:]
        var entries: [Entry?] = []
        var free: [Int] = []
        var hand = 0
        var bytes = 0
    }

    private let state = Lock(State())
    private let room: Int

    init(room: Int) { self.room = room }

    var usage: (entries: Int, bytes: Int) { self.state.withLock { ($0.places.count, $0.bytes) } }

    /// Looks an entry up and changes it, as one step.
    ///
    /// - Parameter decide: Given the present value, and whether the shard can hold another in its place.
    func update<Answer: Sendable>(
        _ key: [UInt8], _ now: MonotonicTime,
        _ decide: (_ value: [UInt8]?, _ canHold: ([UInt8]) -> Bool) -> (Answer, Change)
    ) -> Answer {
        self.state.withLock { state in
            var place = state.places[key]
            if let expired = place, state.entries[expired]?.isExpired(now) == true {
                state.remove(expired)
                place = nil
            }
            let value = place.flatMap { state.entries[$0]?.value }
            let (answer, change) = decide(value) {
                key.count + $0.count + KeyValueStore.overhead <= self.room
            }
            switch change {
            case .keep: if let place { state.entries[place]?.wasUsed = true }
            case .remove: if let place { state.remove(place) }
            case .put(let value, let lifetime):
                let expiry = lifetime == 0 ? 0 : now.advanced(byNanoseconds: lifetime).nanoseconds
                if let place { state.remove(place) }
                let fresh = state.insert(Entry(key: key, value: value, expiry: expiry, wasUsed: false))
                state.makeRoom(self.room, now, sparing: fresh)
            case .replace(let value):
                guard let place, let old = state.entries[place] else { break }
                state.bytes += value.count - old.value.count
                state.entries[place]?.value = value
                state.entries[place]?.wasUsed = true
                state.makeRoom(self.room, now, sparing: place)
            }
            return answer
        }
    }
}

extension Shard.State {
    mutating func remove(_ place: Int) {
        guard let entry = self.entries[place] else { return }
        self.entries[place] = nil
        self.places[entry.key] = nil
        self.free.append(place)
        self.bytes -= entry.size
    }

    /// - Returns: Its place.
    mutating func insert(_ entry: Shard.Entry) -> Int {
        let place = self.free.popLast() ?? self.entries.count
        if place == self.entries.count { self.entries.append(entry) } else { self.entries[place] = entry }
        self.places[entry.key] = place
        self.bytes += entry.size
        return place
    }

    /// Moves the hand until the entries fit.
    ///
    /// Ends: an entry that is passed over once goes the next time, and the spared one fits alone.
    mutating func makeRoom(_ room: Int, _ now: MonotonicTime, sparing kept: Int) {
        while self.bytes > room, self.places.count > 1 {
            self.hand = self.hand + 1 < self.entries.count ? self.hand + 1 : 0
            guard self.hand != kept, let entry = self.entries[self.hand] else { continue }
            if entry.wasUsed, !entry.isExpired(now) {
                self.entries[self.hand]?.wasUsed = false
            } else {
                self.remove(self.hand)
            }
        }
    }
}
