public import GatewayConfig

/// Chooses among alternatives in proportion to their weights.
public struct WeightedSplit: Sendable {
    /// Sums of the weights up to and with each alternative.
    private let sums: [UInt64]

    /// - Parameter weights: At least one; negative ones count as 0. When all are 0, the first is always
    ///   chosen.
    public init(weights: [Weight]) {
        var sum: UInt64 = 0
        self.sums = weights.map { weight in
            sum += UInt64(max(weight.value, 0))
            return sum
        }
    }

    /// The index of the alternative that a random number falls on; each number is as likely as any other.
    ///
    /// - Complexity: O(log *n*); allocates nothing.
    public func choose(_ random: UInt64) -> Int {
        guard self.sums.count > 1, let total = self.sums.last, total > 0 else { return 0 }
        // The high half of the product maps the number range onto 0..<total evenly (Lemire, 2019).
        let ticket = random.multipliedFullWidth(by: total).high
        var low = 0
        var high = self.sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ticket < self.sums[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
