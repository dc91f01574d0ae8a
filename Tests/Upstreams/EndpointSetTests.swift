import GatewayConfig
import Primitives
import Testing
import Upstreams

@Suite struct EndpointSetTests {
    var random = RandomSource(seed: (1, 2, 3, 4))

    func members(_ weights: [Int]) -> [EndpointSet.Member] {
        weights.enumerated().map { .init(key: "10.0.0.\($0.offset):80", weight: $0.element) }
    }

    @Test("Round robin with equal weights takes each endpoint once a round")
    mutating func roundRobin() {
        let set = EndpointSet(policy: .roundRobin, members: self.members([3, 3, 3, 3]), random: &self.random)
        for _ in 0..<5 {
            let round = (0..<4).compactMap { _ in set.pick(random: &self.random) }
            #expect(Set(round) == [0, 1, 2, 3])
        }
    }

    @Test(
        "Round robin with weights is exact over one cycle and never bunches",
        arguments: [[5, 1, 1], [90, 10], [7, 2, 1]])
    func weightedRoundRobin(weights: [Int]) {
        var random = self.random
        let set = EndpointSet(policy: .roundRobin, members: self.members(weights), random: &random)
        let total = weights.reduce(0, +)
        let picks = (0..<total * 10).compactMap { _ in set.pick(random: &random) }
        for (slot, weight) in weights.enumerated() {
            #expect(picks.filter { $0 == slot }.count == weight * 10)
        }
        // Between two turns of the heaviest lies at most one turn of each other.
        let heavy = picks.indices.filter { picks[$0] == 0 }
        #expect(zip(heavy, heavy.dropFirst()).allSatisfy { $1 - $0 <= weights.count })
    }

    @Test("An endpoint that has failed its health checks gets no requests until it is well again")
    mutating func unhealthy() {
        let set = EndpointSet(policy: .roundRobin, members: self.members([1, 1, 1, 1]), random: &self.random)
        set.setHealth(of: "10.0.0.1:80", false, random: &self.random)
        #expect(Set((0..<12).compactMap { _ in set.pick(random: &self.random) }) == [0, 2, 3])
        #expect(!set.isHealthy(1))
        set.update(self.members([1, 1, 1, 1, 1]), random: &self.random)
        #expect(Set((0..<12).compactMap { _ in set.pick(random: &self.random) }) == [0, 2, 3, 4])
        set.setHealth(of: "10.0.0.1:80", true, random: &self.random)
        #expect(Set((0..<15).compactMap { _ in set.pick(random: &self.random) }) == [0, 1, 2, 3, 4])
    }

    @Test("When more than half have failed, all get requests again")
    mutating func panic() {
        let set = EndpointSet(policy: .roundRobin, members: self.members([1, 1, 1, 1]), random: &self.random)
        for slot in 0..<2 { set.setHealth(of: "10.0.0.\(slot):80", false, random: &self.random) }
        #expect(Set((0..<12).compactMap { _ in set.pick(random: &self.random) }) == [2, 3])
        set.setHealth(of: "10.0.0.2:80", false, random: &self.random)
        #expect(Set((0..<12).compactMap { _ in set.pick(random: &self.random) }) == [0, 1, 2, 3])
    }

    @Test("What is said of an endpoint that is no member is forgotten")
    mutating func stranger() {
        let set = EndpointSet(policy: .roundRobin, members: self.members([1]), random: &self.random)
        set.setHealth(of: "10.0.0.1:80", false, random: &self.random)
        set.update(self.members([1, 1]), random: &self.random)
        #expect(set.isHealthy(1))
    }

    @Test("Workers with different seeds begin with different endpoints")
    func startsAreSpread() {
        let firsts = (1...64).map { seed in
            var random = RandomSource(seed: (UInt64(seed) &* 0x9E37_79B9_7F4A_7C15, 2, 3, 4))
            return EndpointSet(policy: .roundRobin, members: self.members([1, 1, 1, 1]), random: &random)
                .pick(random: &random)
        }
        #expect(Set(firsts).count == 4)
    }

    @Test("Random picks follow the weights", arguments: [[1, 1, 1, 1], [6, 3, 1]])
    func random(weights: [Int]) {
        var random = self.random
        let set = EndpointSet(policy: .random, members: self.members(weights), random: &random)
        var counts = [Int](repeating: 0, count: weights.count)
        for _ in 0..<100_000 { if let slot = set.pick(random: &random) { counts[slot] += 1 } }
        for (slot, weight) in weights.enumerated() {
            let expected = 100_000 * weight / weights.reduce(0, +)
            #expect(
                abs(counts[slot] - expected) < 1_000, "slot \(slot): \(counts[slot]), expected \(expected)")
        }
    }

    @Test("Least request avoids the busy one of two endpoints whenever it draws both")
    mutating func leastRequest() {
        let set = EndpointSet(policy: .leastRequest, members: self.members([1, 1]), random: &self.random)
        for _ in 0..<5 { set.requestStarted(0) }
        let picks = (0..<10_000).compactMap { _ in set.pick(random: &self.random) }
        // Both draws fall on endpoint 0 in a quarter of the cases.
        #expect(abs(picks.filter { $0 == 0 }.count - 2_500) < 200)
        for _ in 0..<5 { set.requestEnded(0) }
        let even = (0..<10_000).compactMap { _ in set.pick(random: &self.random) }
        #expect(abs(even.filter { $0 == 0 }.count - 5_000) < 300)
    }

    @Test("Least request with weights divides a weight by the requests in flight plus one")
    mutating func weightedLeastRequest() {
        let set = EndpointSet(policy: .leastRequest, members: self.members([4, 2]), random: &self.random)
        for _ in 0..<3 { set.requestStarted(0) }
        let picks = (0..<3_000).compactMap { _ in set.pick(random: &self.random) }
        // 4 / (3 + 1) against 2 / 1.
        #expect(abs(picks.filter { $0 == 0 }.count - 1_000) <= 2)
    }

    @Test(
        "Another attempt goes to an endpoint not yet tried, until none is left",
        arguments: [LoadBalancing.roundRobin, .random, .leastRequest], [[1, 1, 1], [100, 10, 1]]
    )
    func excludesTried(policy: LoadBalancing, weights: [Int]) {
        var random = self.random
        let set = EndpointSet(policy: policy, members: self.members(weights), random: &random)
        for _ in 0..<100 {
            var tried = TriedEndpoints()
            for _ in weights {
                let slot = set.pick(random: &random, excluding: tried)
                #expect(slot.map(tried.contains) == false)
                tried.insert(slot ?? 0)
            }
            #expect(set.pick(random: &random, excluding: tried) == nil)
        }
    }

    @Test(
        "A service without endpoints gives none",
        arguments: [LoadBalancing.roundRobin, .random, .leastRequest])
    func noMembers(policy: LoadBalancing) {
        var random = self.random
        let set = EndpointSet(policy: policy, members: [], random: &random)
        #expect(set.pick(random: &random) == nil)
        #expect(set.memberCount == 0)
    }

    @Test("An endpoint keeps its slot and its requests in flight through an update")
    mutating func updateKeepsSlots() {
        let set = EndpointSet(policy: .roundRobin, members: self.members([1, 1]), random: &self.random)
        set.requestStarted(1)
        set.update([.init(key: "10.0.0.9:80"), .init(key: "10.0.0.1:80", weight: 2)], random: &self.random)
        #expect(set.slot(of: "10.0.0.1:80") == 1)
        #expect(set.activeRequests(1) == 1)
        #expect(set.slot(of: "10.0.0.9:80") == 2, "slot 0 has only just lost its endpoint")
        #expect(!set.isMember(0))
        let picks = (0..<30).compactMap { _ in set.pick(random: &self.random) }
        #expect(picks.filter { $0 == 1 }.count == 20)
        #expect(picks.filter { $0 == 2 }.count == 10)
    }

    @Test("A slot is given to another endpoint only after its last request has ended")
    mutating func slotReuse() {
        let set = EndpointSet(policy: .random, members: self.members([1, 1]), random: &self.random)
        set.requestStarted(0)
        set.update([.init(key: "b")], random: &self.random)
        set.update([.init(key: "c")], random: &self.random)
        #expect(set.slot(of: "c") == 1, "slot 1 had no request and left two updates ago")
        #expect(set.key(0) == "10.0.0.0:80")
        set.requestEnded(0)
        set.update([.init(key: "d"), .init(key: "c")], random: &self.random)
        #expect(Set([set.slot(of: "d"), set.slot(of: "c")]).isSubset(of: [0, 1, 2]))
        #expect(set.slotCount == 3)
        #expect(set.activeRequests(0) == 0)
    }

    @Test("A key given twice counts once, with its first weight")
    mutating func duplicates() {
        let twice: [EndpointSet.Member] = [
            .init(key: "a", weight: 1), .init(key: "b"), .init(key: "a", weight: 9),
        ]
        let set = EndpointSet(policy: .roundRobin, members: twice, random: &self.random)
        let picks = (0..<20).compactMap { _ in set.pick(random: &self.random) }
        #expect(picks.filter { $0 == 0 }.count == 10)
    }

    @Test("Remembers tried endpoints up to its limit and each once")
    func triedLimit() {
        var tried = TriedEndpoints()
        for slot in [7, 7] + Array(0..<40) { tried.insert(slot) }
        #expect(tried.count == TriedEndpoints.limit)
        #expect(tried.contains(7))
        #expect(!tried.contains(39))
    }
}
