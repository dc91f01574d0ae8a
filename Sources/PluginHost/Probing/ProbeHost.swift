internal import Filtering
internal import Primitives

/// The process as a plugin sees it during a probe: metrics and buckets are given out, nothing is kept.
final class ProbeHost: FilterHost, @unchecked Sendable {
    // SAFETY: the state is behind a lock.
    private let metrics = Lock<[String: FilterMetricKind]>([:])

    override func defineMetric(
        of owner: MetricOwner, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? {
        let isWellFormed =
            name.utf8.first.map { (0x61...0x7A).contains($0) } ?? false
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        guard isWellFormed, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        return self.metrics.withLock { known in
            if let other = known[name], other != kind { return nil }
            known[name] = kind
            return FilterMetric(rawValue: UInt32(known.count))
        }
    }

    override func tokenBuckets(
        name: String, capacity: UInt64, interval: Duration, keys: Int
    ) -> TokenBucketSet? { TokenBucketSet() }
}
