internal import GatewayConfig
internal import Primitives

/// Picks one of the members of an ``EndpointSet``; pure, one worker's own.
///
/// Least request is Envoy's: with equal weights the less busy of two drawn at random; with unequal ones in
/// turn, each weight divided by the member's requests in flight plus one.
struct Balancer: Sendable {
    struct Member: Sendable {
        var slot: Int
        /// 1...65,536.
        var weight: Int
    }

    private let policy: LoadBalancing
    private let members: [Member]
    private let hasEqualWeights: Bool
    /// Sums of the weights up to and with each member; empty when not needed.
    private let cumulativeWeights: [Int]
    /// Where the turns of equal members are.
    private var cursor: Int
    /// The turns of unequal members; empty when not needed.
    private var turns: TurnQueue

    var count: Int { self.members.count }

    init(policy: LoadBalancing, members: [Member], random: inout RandomSource) {
        self.policy = policy
        self.members = members
        self.hasEqualWeights = members.allSatisfy { $0.weight == members[0].weight }
        var sum = 0
        self.cumulativeWeights =
            self.hasEqualWeights || policy != .random
            ? []
            : members.map { member in
                sum += member.weight
                return sum
            }
        self.cursor = members.isEmpty ? 0 : Int.random(in: 0..<members.count, using: &random)
        self.turns = TurnQueue(
            weights: self.hasEqualWeights || policy == .random ? [] : members.map(\.weight))
        if !self.hasEqualWeights, policy != .random {
            for _ in 0..<self.cursor {
                self.turns.advance(weight: self.members[self.turns.next].weight, load: 0)
            }
        }
    }

    /// The slot of the next member that is not in `tried`; nil when there is none.
    ///
    /// - Parameter loads: Requests in flight by slot.
    mutating func pick(random: inout RandomSource, excluding tried: TriedEndpoints, loads: [Int]) -> Int? {
        guard !self.members.isEmpty else { return nil }
        guard tried.isEmpty else { return self.pickAgain(random: &random, excluding: tried, loads: loads) }
        switch self.policy {
        case .random:
            return self.members[self.draw(&random)].slot
        case .roundRobin where self.hasEqualWeights:
            return self.nextEqual()
        case .leastRequest where self.hasEqualWeights:
            let a = self.members[self.draw(&random)].slot
            let b = self.members[self.draw(&random)].slot
            return loads[b] < loads[a] ? b : a
        case .roundRobin:
            return self.nextTurn(loads: nil)
        case .leastRequest:
            return self.nextTurn(loads: loads)
        }
    }

    private mutating func nextEqual() -> Int {
        let slot = self.members[self.cursor].slot
        self.cursor = self.cursor + 1 == self.members.count ? 0 : self.cursor + 1
        return slot
    }

    private mutating func nextTurn(loads: [Int]?) -> Int {
        let member = self.members[self.turns.next]
        self.turns.advance(weight: member.weight, load: loads?[member.slot] ?? 0)
        return member.slot
    }

    /// A position, with a probability in proportion to its weight.
    private func draw(_ random: inout RandomSource) -> Int {
        if self.cumulativeWeights.isEmpty { return Int.random(in: 0..<self.members.count, using: &random) }
        let ticket = Int.random(in: 0..<self.cumulativeWeights[self.members.count - 1], using: &random)
        var low = 0
        var high = self.members.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ticket < self.cumulativeWeights[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // MARK: Another attempt

    /// After a failed attempt: rare, so it may look at every member.
    @inline(never)
    private mutating func pickAgain(random: inout RandomSource, excluding tried: TriedEndpoints, loads: [Int])
        -> Int?
    {
        var total = 0
        for member in self.members where !tried.contains(member.slot) { total += member.weight }
        guard total > 0 else { return nil }
        if self.hasEqualWeights, self.policy == .roundRobin {
            // Ends: some member is left, and every member's turn comes once a round.
            while true {
                let slot = self.nextEqual()
                if !tried.contains(slot) { return slot }
            }
        }
        // Not in turn with unequal weights: a light member's turn may be thousands of turns away.
        let a = self.drawRemaining(total, &random, tried)
        guard self.policy == .leastRequest else { return a }
        let b = self.drawRemaining(total, &random, tried)
        return loads[b] < loads[a] ? b : a
    }

    /// The slot of a member that is not in `tried`; their weights add up to `total`.
    private func drawRemaining(_ total: Int, _ random: inout RandomSource, _ tried: TriedEndpoints) -> Int {
        var ticket = Int.random(in: 0..<total, using: &random)
        for member in self.members where !tried.contains(member.slot) {
            if ticket < member.weight { return member.slot }
            ticket -= member.weight
        }
        return self.members[0].slot
    }
}
