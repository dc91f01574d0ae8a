public import Primitives

/// The token buckets of the process by name, kept by every reload that asks for the same.
///
/// A set belongs to its name and parameters: a reload that changes a parameter begins with full buckets.
/// Whoever uses a set keeps a reference to it; one that nobody else refers to is dropped some time later.
public final class SharedBuckets: Sendable {
    private struct Key: Hashable {
        let name: String
        let capacity: UInt64
        let interval: Duration
        let keys: Int
    }
    private struct Entry {
        var buckets: TokenBuckets
        /// When ``sweep(_:)`` first found it unused.
        var unusedSince: MonotonicTime?
    }
    private let entries = Lock<[Key: Entry]>([:])
    private let grace: Duration

    /// - Parameter grace: How long an unused set is kept.
    public init(grace: Duration = .seconds(600)) { self.grace = grace }

    /// The set called `name` with these parameters; made when there is none.
    ///
    /// - Returns: nil when a parameter is out of range (``TokenBuckets/init(capacity:interval:keys:)``).
    public func buckets(name: String, capacity: UInt64, interval: Duration, keys: Int) -> TokenBuckets? {
        self.entries.withLock { entries in
            let key = Key(name: name, capacity: capacity, interval: interval, keys: keys)
            if let known = entries[key] {
                entries[key]?.unusedSince = nil
                return known.buckets
            }
            guard let fresh = TokenBuckets(capacity: capacity, interval: interval, keys: keys) else {
                return nil
            }
            entries[key] = Entry(buckets: fresh, unusedSince: nil)
            return fresh
        }
    }

    /// Drops the sets that have been unused since a sweep at least `grace` ago. Call now and then.
    public func sweep(_ now: MonotonicTime) {
        self.entries.withLock { entries in
            for key in Array(entries.keys) {
                guard var entry = entries.removeValue(forKey: key) else { continue }
                guard isKnownUniquelyReferenced(&entry.buckets) else {
                    entry.unusedSince = nil
                    entries[key] = entry
                    continue
                }
                let since = entry.unusedSince ?? now
                entry.unusedSince = since
                if now.since(since) < self.grace.nanoseconds { entries[key] = entry }
            }
        }
    }

    /// How many sets there are.
    public var count: Int { self.entries.withLock { $0.count } }
}
