import Adapting
import Filtering
import Primitives
import Testing

@testable import Mixer

/// Quotas that are asked for ahead.
@Suite struct PrefetchTests {
    /// A handler that has so much to give, and what it was asked for.
    private final class Amounts: Sendable {
        let handler = AskedHandler("amounts", [.quota])
        private let state: Lock<(left: UInt64, asked: [QuotaDemand])>
        var asked: [UInt64] { self.state.withLock { $0.asked.map(\.amount) } }
        var left: UInt64 { self.state.withLock { $0.left } }

        init(_ left: UInt64, lifetime: UInt64 = 100) {
            self.state = Lock((left, []))
            self.handler.state.withLock {
                $0.grant = { [weak self] in .answered(self?.grant($0, lifetime) ?? QuotaAllowance(amount: 0))
                }
            }
        }

        private func grant(_ demand: QuotaDemand, _ lifetime: UInt64) -> QuotaAllowance {
            self.state.withLock { state in
                state.asked.append(demand)
                let isEnough = demand.amount <= state.left
                let granted = isEnough ? demand.amount : demand.isBestEffort ? state.left : 0
                state.left -= granted
                return QuotaAllowance(amount: granted, validNanoseconds: lifetime)
            }
        }
    }

    private func rig(_ amounts: Amounts, _ params: String) throws -> RuleRig {
        try RuleRig(
            """
            handlers: [{ name: amounts, adapter: fake }]
            instances: [{ name: hits, template: quota, params: { \(params) } }]
            rules: [{ actions: [{ handler: amounts, instances: [hits] }] }]
            """, [amounts.handler])
    }

    private func passes(_ rig: RuleRig, _ size: Int64 = 1, path: String = "/", now: UInt64 = 10) -> Bool {
        let bag = TestBag()
        bag.texts = ["request.path": path]
        bag.numbers = ["request.size": size]
        return rig.check(bag, now: now) == nil
    }

    @Test("More is asked for than is wanted, and given out to requests alike until it is used up or over")
    func keeps() throws {
        let amounts = Amounts(100)
        let rig = try self.rig(amounts, "prefetch: 2, dimensions: { path: request.path }")
        for _ in 1...3 { #expect(self.passes(rig)) }
        #expect(amounts.asked == [3])
        #expect(self.passes(rig, path: "/b"))
        #expect(amounts.asked == [3, 3])
        #expect(self.passes(rig) && self.passes(rig, now: 109))
        #expect(amounts.asked == [3, 3, 3])
        // One is left, but its time is over.
        #expect(self.passes(rig, now: 110))
        #expect(amounts.asked == [3, 3, 3, 3])
    }

    @Test("No more is given out than was granted, and what was granted is not lost")
    func exact() throws {
        let amounts = Amounts(10)
        let rig = try self.rig(amounts, "prefetch: 3")
        #expect((1...15).filter { _ in self.passes(rig) }.count == 10)
        #expect(amounts.left == 0)
    }

    @Test("What is too little for a request is kept for smaller ones, unless less will do")
    func tooLittle() throws {
        let amounts = Amounts(2)
        let rig = try self.rig(amounts, "amount: request.size, prefetch: 4")
        #expect(!self.passes(rig, 3))
        #expect(amounts.left == 0)
        #expect(self.passes(rig, 1) && self.passes(rig, 1))
        #expect(amounts.asked == [7])
        #expect(!self.passes(rig, 1))
        let few = Amounts(2)
        let easy = try self.rig(few, "amount: request.size, prefetch: 4, bestEffort: true")
        #expect(self.passes(easy, 3))
        #expect(!self.passes(easy, 1))
        #expect(few.left == 0)
    }

    @Test(
        "Nothing is asked for ahead where grants are for the moment, or requests are deduplicated"
    )
    func unkept() throws {
        let amounts = Amounts(100, lifetime: 0)
        let rig = try self.rig(amounts, "prefetch: 5")
        for _ in 1...3 { #expect(self.passes(rig)) }
        #expect(amounts.asked == [6, 1, 1])
        let others = Amounts(100)
        let deduplicating = try self.rig(others, "prefetch: 5, deduplication: request.path")
        for _ in 1...2 { #expect(self.passes(deduplicating)) }
        #expect(others.asked == [1, 1])
    }
}
