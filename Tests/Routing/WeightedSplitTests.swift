import GatewayConfig
import Primitives
import Routing
import Testing

@Suite struct WeightedSplitTests {
    @Test(
        "Each alternative gets its share",
        arguments: [[90, 10], [1, 0, 2, 1], [1_000_000, 1, 1_000_000], [0, 5]])
    func shares(weights: [Int]) {
        var random = RandomSource(seed: (5, 6, 7, 8))
        let split = WeightedSplit(weights: weights.map { Weight($0) })
        var counts = [Int](repeating: 0, count: weights.count)
        for _ in 0..<100_000 { counts[split.choose(random.next())] += 1 }
        for (index, weight) in weights.enumerated() {
            let expected = 100_000 * weight / weights.reduce(0, +)
            #expect(abs(counts[index] - expected) < 700, "\(counts)")
            #expect(weight > 0 || counts[index] == 0)
        }
    }

    @Test("The bounds of the number range fall on the first and the last alternative that has a weight")
    func bounds() {
        let split = WeightedSplit(weights: [0, 1, 1, 0])
        #expect(split.choose(0) == 1)
        #expect(split.choose(.max / 2) == 1)
        #expect(split.choose(.max / 2 + 1) == 2)
        #expect(split.choose(.max) == 2)
    }

    @Test("One alternative, or weights of nothing but 0, give the first")
    func degenerate() {
        #expect(WeightedSplit(weights: [7]).choose(.max) == 0)
        #expect(WeightedSplit(weights: [0, 0]).choose(.max) == 0)
    }
}
