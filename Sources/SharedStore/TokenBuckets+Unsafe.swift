public import Primitives

/// What became of a request for tokens.
public struct TokenAnswer: Sendable, Hashable {
    /// Whether the tokens were taken.
    public var isAllowed: Bool
    /// Whole tokens left.
    public var remaining: UInt64
    /// Nanoseconds until the same call would be allowed, if nobody else took any; 0 when it was, `UInt64.max`
    /// when it asks for more than a full bucket holds.
    public var retryAfter: UInt64
    /// Nanoseconds until the bucket is full again.
    public var reset: UInt64
}

/// Token buckets by key, shared by all workers; every bucket begins full.
///
/// Keys are spread over shards by a hash with a secret of the process, and each shard has a lock of its own
/// that is held for a search through ``window`` slots: some 50 ns. A bucket that has filled up again is the
/// same as none, so its slot is free for another key. When no slot near a new key's place is free, the
/// fullest bucket there is forgotten: who is short of tokens is remembered for longest, and a flood of new
/// keys pushes out its own.
public final class TokenBuckets: @unchecked Sendable {
    // SAFETY: `shards` has `shardMask + 1` shards, each with `slotMask + 1` hashes and states, all allocated
    // here and freed in deinit. Hashes and states are touched only with the shard's lock held.
    private struct State {
        /// Units missing from a full bucket, at `last`.
        var debt: UInt64
        /// The latest time seen, in nanoseconds.
        var last: UInt64
    }
    private struct Table {
        /// 0: never used.
        let hashes: UnsafeMutablePointer<UInt64>
        let states: UnsafeMutablePointer<State>
        /// Puts the locks of neighbours on different cache lines.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    }
    private let shards: UnsafeMutablePointer<Lock<Table>>
    private let shardMask: Int
    private let slotMask: Int

    /// Slots in which a key may lie.
    static let window = 16

    /// Tokens in a full bucket.
    public let capacity: UInt64
    /// In which an empty bucket fills up.
    public let interval: Duration
    /// For so many keys at once there is room.
    public let keys: Int
    // A token is `unitsPerToken` units and a nanosecond brings `unitsPerNanosecond`, both whole, so nothing
    // is rounded.
    private let unitsPerToken: UInt64
    private let unitsPerNanosecond: UInt64
    private let full: UInt64

    /// - Parameters:
    ///   - capacity: Tokens in a full bucket; 1 or more.
    ///   - interval: In which an empty bucket fills up; 1 ns or more.
    ///   - keys: Room for so many keys; 1...16,777,216. A key takes 30 to 60 bytes.
    /// - Returns: nil when a value is out of range, or capacity and interval are too far apart to count
    ///   exactly (capacity times nanoseconds, divided by their greatest common divisor, must stay below
    ///   2^62).
    public init?(capacity: UInt64, interval: Duration, keys: Int) {
        let nanoseconds = interval.nanoseconds
        guard capacity >= 1, nanoseconds >= 1, nanoseconds < .max, (1...1 << 24).contains(keys) else {
            return nil
        }
        let divisor = Self.greatestCommonDivisor(capacity, nanoseconds)
        let (full, isTooLarge) = capacity.multipliedReportingOverflow(by: nanoseconds / divisor)
        guard !isTooLarge, full < 1 << 62 else { return nil }
        self.capacity = capacity
        self.interval = interval
        self.keys = keys
        self.unitsPerToken = nanoseconds / divisor
        self.unitsPerNanosecond = capacity / divisor
        self.full = full
        // A quarter more slots than keys, so that windows seldom fill up before the whole does.
        var slots = Self.window
        while slots < keys + keys / 4 { slots *= 2 }
        let shardCount = min(64, slots / Self.window)
        self.shardMask = shardCount - 1
        let perShard = slots / shardCount
        self.slotMask = perShard - 1
        self.shards = .allocate(capacity: shardCount)
        for index in 0..<shardCount {
            let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: perShard)
            hashes.initialize(repeating: 0, count: perShard)
            let states = UnsafeMutablePointer<State>.allocate(capacity: perShard)
            states.initialize(repeating: State(debt: 0, last: 0), count: perShard)
            (self.shards + index).initialize(to: Lock(Table(hashes: hashes, states: states)))
        }
    }

    deinit {
        for index in 0...self.shardMask {
            self.shards[index].withLock {
                $0.hashes.deallocate()
                $0.states.deallocate()
            }
            (self.shards + index).deinitialize(count: 1)
        }
        self.shards.deallocate()
    }

    /// Takes `tokens` from the bucket of `key`, all or none. From any thread; a short lock, nothing
    /// allocated.
    ///
    /// Exact over all threads: what is allowed never exceeds the capacity and what the time between the first
    /// and the latest `now` brings. A `now` earlier than one already seen brings nothing.
    public func take(_ tokens: UInt64, key: ByteView, now: MonotonicTime) -> TokenAnswer {
        var hasher = Hasher()
        hasher.combine(bytes: key.buffer)
        return self.take(tokens, hash: UInt64(bitPattern: Int64(hasher.finalize())), now: now)
    }

    func take(_ tokens: UInt64, hash: UInt64, now: MonotonicTime) -> TokenAnswer {
        let hash = hash == 0 ? 1 : hash
        let shard = Int(truncatingIfNeeded: hash >> 32) & self.shardMask
        return self.shards[shard].withLock { table in
            let slot = self.slot(table, hash, now.nanoseconds)
            var state = table.states[slot]
            if table.hashes[slot] != hash {
                table.hashes[slot] = hash
                state = State(debt: 0, last: now.nanoseconds)
            }
            state.debt = self.debt(state, now.nanoseconds)
            state.last = max(state.last, now.nanoseconds)
            let answer = self.take(tokens, &state)
            table.states[slot] = state
            return answer
        }
    }

    /// The slot of `hash`, else the one to put it in: of the buckets in its window, the fullest.
    private func slot(_ table: Table, _ hash: UInt64, _ now: UInt64) -> Int {
        let first = Int(truncatingIfNeeded: hash)
        var best = first & self.slotMask
        for step in 0..<Self.window {
            let index = (first &+ step) & self.slotMask
            if table.hashes[index] == hash { return index }
        }
        var least = UInt64.max
        for step in 0..<Self.window {
            let index = (first &+ step) & self.slotMask
            let debt = table.hashes[index] == 0 ? 0 : self.debt(table.states[index], now)
            if debt < least {
                least = debt
                best = index
            }
            if debt == 0 { break }
        }
        return best
    }

    /// Units missing at `now`.
    private func debt(_ state: State, _ now: UInt64) -> UInt64 {
        guard state.debt > 0, now > state.last else { return state.debt }
        let (gained, isMore) = (now - state.last).multipliedReportingOverflow(by: self.unitsPerNanosecond)
        return isMore || gained >= state.debt ? 0 : state.debt - gained
    }

    private func take(_ tokens: UInt64, _ state: inout State) -> TokenAnswer {
        var answer = TokenAnswer(isAllowed: false, remaining: 0, retryAfter: .max, reset: 0)
        if tokens <= self.capacity {
            let wanted = state.debt + tokens * self.unitsPerToken
            answer.isAllowed = wanted <= self.full
            answer.retryAfter = answer.isAllowed ? 0 : self.nanoseconds(wanted - self.full)
            if answer.isAllowed { state.debt = wanted }
        }
        answer.remaining = (self.full - state.debt) / self.unitsPerToken
        answer.reset = self.nanoseconds(state.debt)
        return answer
    }

    /// How long it takes until `units` have come, rounded up.
    private func nanoseconds(_ units: UInt64) -> UInt64 {
        (units + self.unitsPerNanosecond - 1) / self.unitsPerNanosecond
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        b == 0 ? a : self.greatestCommonDivisor(b, a % b)
    }
}
