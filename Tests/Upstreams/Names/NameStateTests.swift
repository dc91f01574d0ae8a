import GatewayConfig
import Primitives
import Reactor
import Testing

@testable import Upstreams

@Suite struct NameStateTests {
    private static let none = FamilyAnswers.Answer.none
    private let now = MonotonicTime(nanoseconds: 1)

    private func found(_ addresses: [UInt32], ttl: UInt32 = 30) -> FamilyAnswers.Answer {
        .found(addresses.map { .ipv4($0) }, ttl: ttl)
    }

    private func state(_ mode: DNSConfiguration.Mode = .strict) -> NameState {
        NameState(
            DNSConfiguration(
                mode: mode, refresh: DNSRefresh(minimum: .seconds(5), maximum: .seconds(300))))
    }

    private func expectChange(
        _ expected: Bool, _ state: inout NameState, _ answers: FamilyAnswers, isEnd: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let hasChanged = state.take(answers, isEnd: isEnd, at: self.now)
        #expect(hasChanged == expected, sourceLocation: sourceLocation)
    }

    @Test("An answer takes the place of the one before; the same in another order changes nothing")
    func changes() {
        var state = self.state()
        self.expectChange(true, &state, FamilyAnswers(ipv4: self.found([2, 1])))
        #expect(state.ipv4 == [.ipv4(1), .ipv4(2)])
        self.expectChange(false, &state, FamilyAnswers(ipv4: self.found([1, 2])))
        self.expectChange(true, &state, FamilyAnswers(ipv4: self.found([3])))
        #expect(state.ipv4 == [.ipv4(3)])
    }

    @Test("While nobody can tell, the last good answer stays, for each family by itself")
    func keeping() {
        var state = self.state()
        let both = FamilyAnswers(ipv4: self.found([1]), ipv6: .found([.ipv6(high: 1, low: 1)], ttl: 9))
        _ = state.take(both, isEnd: true, at: self.now)
        let away = FamilyAnswers(ipv4: .failed("Timeout"), ipv6: .failed("Timeout"))
        self.expectChange(false, &state, away)
        #expect((state.ipv4.count, state.ipv6.count, state.failures) == (1, 1, 1))
        let half = FamilyAnswers(ipv4: self.found([2]), ipv6: .failed("Timeout"))
        self.expectChange(true, &state, half)
        #expect((state.ipv4, state.ipv6.count, state.failures) == ([.ipv4(2)], 1, 0))
        self.expectChange(true, &state, both)
        #expect((state.failures, state.lastFailure) == (0, "Timeout"))
    }

    @Test(
        "That there is no such name is an answer: a strict name has no address then, a logical one keeps them"
    )
    func noName() {
        let gone = FamilyAnswers(ipv4: Self.none, ipv6: Self.none)
        var strict = self.state()
        var logical = self.state(.logical)
        _ = strict.take(FamilyAnswers(ipv4: self.found([1])), isEnd: true, at: self.now)
        _ = logical.take(FamilyAnswers(ipv4: self.found([1])), isEnd: true, at: self.now)
        self.expectChange(true, &strict, gone)
        self.expectChange(false, &logical, gone)
        #expect((strict.ipv4, strict.isResolved) == ([], true))
        #expect((logical.ipv4, logical.isResolved) == ([.ipv4(1)], true))
    }

    @Test("A family that comes first counts at once, and the other keeps what it had")
    func early() {
        var state = self.state()
        self.expectChange(true, &state, FamilyAnswers(ipv4: self.found([1])), isEnd: false)
        #expect((state.isResolved, state.isTried, state.ipv4) == (true, false, [.ipv4(1)]))
    }

    @Test("Of a name with very many addresses a part is used, and always the same")
    func limit() {
        var state = self.state()
        let many = (0..<1_000).map { UInt32(0x0A00_0000 + $0) }
        _ = state.take(FamilyAnswers(ipv4: self.found(many.shuffled())), isEnd: true, at: self.now)
        #expect(state.ipv4 == many.prefix(256).map { .ipv4($0) })
        #expect(state.leftOut == 744)
        self.expectChange(false, &state, FamilyAnswers(ipv4: self.found(many.shuffled())))
    }

    @Test(
        "The TTL says when to look again, within its bounds, and up to a tenth later",
        arguments: [(UInt32(0), UInt64(5)), (4, 5), (30, 30), (3600, 300), (.max, 300)])
    func waiting(ttl: UInt32, seconds: UInt64) {
        var random = RandomSource(seed: (1, 2, 3, 4))
        var waits: Set<UInt64> = []
        for _ in 0..<100 {
            let wait = self.state().wait(after: FamilyAnswers(ipv4: self.found([1], ttl: ttl)), &random)
            #expect((seconds * 1_000_000_000...seconds * 1_100_000_000).contains(wait))
            waits.insert(wait)
        }
        #expect(waits.count > 90)
        let none = FamilyAnswers(ipv4: Self.none)
        #expect((5_000_000_000...5_500_000_000).contains(self.state().wait(after: none, &random)))
    }

    @Test(
        "After failures it is looked up soon, then ever more seldom, but no later than the TTL says"
    )
    func backoff() {
        var random = RandomSource(seed: (1, 2, 3, 4))
        var state = self.state()
        let away = FamilyAnswers(ipv4: .failed("Timeout"))
        var seconds: [UInt64] = []
        for _ in 0..<8 {
            _ = state.take(away, isEnd: true, at: self.now)
            seconds.append(state.wait(after: away, &random) / 1_000_000_000)
        }
        for (seen, least) in zip(seconds, [1, 2, 4, 8, 16, 30, 30, 30] as [UInt64]) {
            #expect((least...(least + least / 10 + 1)).contains(seen))
        }
        let half = FamilyAnswers(ipv4: self.found([1], ttl: 10), ipv6: .failed("Timeout"))
        #expect((10_000_000_000...11_000_000_000).contains(state.wait(after: half, &random)))
    }
}
