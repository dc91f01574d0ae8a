internal import Filtering
internal import Primitives

/// A process whose token buckets never refill: what a test takes is gone.
final class BucketHost: FilterHost, @unchecked Sendable {
    // SAFETY: used by one test's thread.
    final class Buckets: TokenBucketSet, @unchecked Sendable {
        let capacity: UInt64
        private var left: [String: UInt64] = [:]

        init(capacity: UInt64) { self.capacity = capacity }

        override func take(_ tokens: UInt64, key: ByteView, now: MonotonicTime) -> TokenBucketAnswer {
            let left = self.left[key.string] ?? self.capacity
            guard left >= tokens else {
                return TokenBucketAnswer(
                    isAllowed: false, remaining: left, retryAfter: 1_500_000_000, reset: 2_000_000_001)
            }
            self.left[key.string] = left - tokens
            return TokenBucketAnswer(
                isAllowed: true, remaining: left - tokens, retryAfter: 0, reset: 900_000_000)
        }
    }

    private(set) var asked: [(name: String, capacity: UInt64, interval: Duration)] = []

    override func defineMetric(
        of owner: MetricOwner, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? { FilterMetric(rawValue: 1) }

    override func tokenBuckets(
        name: String, capacity: UInt64, interval: Duration, keys: Int
    ) -> TokenBucketSet? {
        self.asked.append((name, capacity, interval))
        return Buckets(capacity: capacity)
    }
}
