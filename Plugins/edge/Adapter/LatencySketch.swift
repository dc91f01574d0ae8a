/// How long calls took: buckets that grow by an eighth at most, so that a percentile is off by no more.
package struct LatencySketch: Sendable {
    /// Empty until something is counted. The first 16 have one microsecond each, then 8 for each doubling.
    private var buckets: [UInt32] = []
    private var count = 0

    package init() {}

    package mutating func add(_ nanoseconds: Int64) {
        let index = Self.bucket(max(nanoseconds, 0) / 1000)
        if index >= self.buckets.count {
            self.buckets += Array(repeating: 0, count: index + 1 - self.buckets.count)
        }
        self.buckets[index] &+= 1
        self.count += 1
    }

    package mutating func add(_ other: LatencySketch) {
        if other.buckets.count > self.buckets.count {
            self.buckets += Array(repeating: 0, count: other.buckets.count - self.buckets.count)
        }
        for index in other.buckets.indices { self.buckets[index] &+= other.buckets[index] }
        self.count += other.count
    }

    /// The microseconds that the given part of the calls took no longer than; nil without calls.
    package func microseconds(at quantile: Double) -> Int64? {
        if self.count == 0 { return nil }
        let rank = Int((Double(self.count) * quantile).rounded(.up))
        var seen = 0
        for (index, number) in self.buckets.enumerated() {
            seen += Int(number)
            if seen >= max(rank, 1) { return Self.upperEnd(of: index) }
        }
        return nil
    }

    private static func bucket(_ microseconds: Int64) -> Int {
        if microseconds < 16 { return Int(microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount
        return 16 + (exponent - 4) * 8 + Int(microseconds >> (exponent - 3) & 7)
    }

    /// The largest number in a bucket.
    private static func upperEnd(of bucket: Int) -> Int64 {
        if bucket < 16 { return Int64(bucket) }
        let (doubling, step) = ((bucket - 16) / 8, (bucket - 16) % 8)
        return (Int64(8 + step + 1) << (doubling + 1)) - 1
    }
}
