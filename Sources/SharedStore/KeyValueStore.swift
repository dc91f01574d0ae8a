public import Primitives

/// A bounded table of keys and values, shared by all threads; every operation is atomic.
///
/// Sharded by a hash of the key, a lock each, held for one look-up. Each shard has its part of the room; when
/// that is used up, entries are taken away as by a clock's hand (second chance): what has expired or was not
/// used since the hand came by last.
public final class KeyValueStore: Sendable {
    /// What an entry takes besides key and value, in bytes, roughly.
    static let overhead = 96
    static let shardCount = 64

    private let shards: [Shard]

    /// - Parameter capacity: Bytes of keys and values, with ``overhead`` for each; at least 64 KiB.
    public init(capacity: ByteCount = .mebibytes(64)) {
        let room = max(capacity.bytes, 64 << 10) / Self.shardCount
        self.shards = (0..<Self.shardCount).map { _ in Shard(room: room) }
    }

    private func shard(_ key: [UInt8]) -> Shard {
        var hasher = Hasher()
        hasher.combine(key)
        return self.shards[
            Int(truncatingIfNeeded: UInt(bitPattern: hasher.finalize()) % UInt(Self.shardCount))]
    }

    public func get(_ key: [UInt8], now: MonotonicTime) -> [UInt8]? {
        self.shard(key).update(key, now) { value, _ in (value, .keep) }
    }

    /// - Parameter lifetime: Nanoseconds until the value expires; 0 keeps it.
    /// - Returns: false when the entry is larger than a shard.
    public func set(_ key: [UInt8], _ value: [UInt8], lifetime: UInt64, now: MonotonicTime) -> Bool {
        self.shard(key).update(key, now) { _, canHold in
            canHold(value) ? (true, .put(value, lifetime: lifetime)) : (false, .keep)
        }
    }

    /// Sets the value when the present one is `expected`; nil stands for no value.
    public func compareAndSet(
        _ key: [UInt8], expected: [UInt8]?, _ value: [UInt8], lifetime: UInt64, now: MonotonicTime
    ) -> Bool {
        self.shard(key).update(key, now) { present, canHold in
            present == expected && canHold(value)
                ? (true, .put(value, lifetime: lifetime)) : (false, .keep)
        }
    }

    /// Adds to a number in decimal digits; one that is not there counts as 0.
    ///
    /// - Parameter lifetime: Set when the number is made, left alone otherwise.
    /// - Returns: The sum; nil when the value is no number or the sum overflows.
    public func increment(_ key: [UInt8], by amount: Int64, lifetime: UInt64, now: MonotonicTime) -> Int64? {
        self.shard(key).update(key, now) { present, canHold in
            let old = present.map { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
            guard let old else { return (nil, .keep) }
            let (sum, isOver) = old.addingReportingOverflow(amount)
            let digits = Array("\(sum)".utf8)
            guard !isOver, canHold(digits) else { return (nil, .keep) }
            return (sum, present == nil ? .put(digits, lifetime: lifetime) : .replace(digits))
        }
    }

    /// - Returns: Whether there was a value.
    public func remove(_ key: [UInt8], now: MonotonicTime) -> Bool {
        self.shard(key).update(key, now) { value, _ in (value != nil, .remove) }
    }

    /// Entries, those that have expired included, and the bytes they take.
    public var usage: (entries: Int, bytes: Int) {
        self.shards.map(\.usage).reduce((0, 0)) { ($0.0 + $1.entries, $0.1 + $1.bytes) }
    }
}
