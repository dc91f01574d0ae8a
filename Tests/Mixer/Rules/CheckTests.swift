import Adapting
import Filtering
import Primitives
import Testing

@testable import Mixer

@Suite struct CheckTests {
    static let list = """
        handlers: [{ name: users, adapter: fake }]
        instances: [{ name: user, template: listentry, params: { value: source.principal } }]
        rules: [{ match: 'request.path != "/open"', actions: [{ handler: users, instances: [user] }] }]
        """

    func bag(_ principal: String? = "alice", path: String = "/") -> TestBag {
        let bag = TestBag()
        bag.texts = ["request.path": path]
        bag.texts["source.principal"] = principal
        return bag
    }

    @Test("A handler is asked with the values of the request, where the rule matches")
    func asks() throws {
        let users = AskedHandler("users", [.listentry])
        let rig = try RuleRig(Self.list, [users])
        #expect(rig.check(self.bag()) == nil)
        #expect(rig.check(self.bag(path: "/open")) == nil)
        #expect(rig.check(self.bag(nil)) == nil)
        #expect(users.asked == [["alice"], ["-"]])
    }

    @Test("A verdict denies with its code and message, and the handler that said so")
    func denies() throws {
        let users = AskedHandler("users", [.listentry])
        users.state.withLock { $0.verdict = .answered(CheckVerdict(code: 16, message: "who?")) }
        let denial = try #require(try RuleRig(Self.list, [users]).check(self.bag()))
        #expect(denial == CheckDenial(code: 16, message: "who?", handler: "users"))
        #expect(denial.status == 401)
    }

    @Test("A verdict is kept for as long as it said, for the same values, absent ones included")
    func caches() throws {
        let users = AskedHandler("users", [.listentry])
        users.state.withLock { $0.verdict = .answered(CheckVerdict(validNanoseconds: 100)) }
        let rig = try RuleRig(Self.list, [users])
        for _ in 1...3 { _ = rig.check(self.bag(), now: 10) }
        for _ in 1...3 { _ = rig.check(self.bag(nil), now: 10) }
        #expect(users.asked.count == 2)
        _ = rig.check(self.bag(), now: 109)
        #expect(users.asked.count == 2)
        _ = rig.check(self.bag(), now: 110)
        #expect(users.asked.count == 3)
    }

    @Test("A verdict is used as often as it said")
    func uses() throws {
        let users = AskedHandler("users", [.listentry])
        users.state.withLock {
            $0.verdict = .answered(CheckVerdict(validNanoseconds: 1_000_000, validUses: 3))
        }
        let rig = try RuleRig(Self.list, [users])
        for _ in 1...7 { _ = rig.check(self.bag(), now: 10) }
        #expect(users.asked.count == 3)
    }

    @Test("When a handler fails, the rule says what becomes of the request")
    func failures() throws {
        let users = AskedHandler("users", [.listentry])
        users.state.withLock { $0.verdict = .failed("gone") }
        #expect(try RuleRig(Self.list, [users]).check(self.bag())?.status == 503)
        let allowing = Self.list.replacing(
            "instances: [user] }] }", with: "instances: [user] }], onFailure: allow }")
        #expect(try RuleRig(allowing, [users]).check(self.bag()) == nil)
    }

    @Test("A quota is asked for once when it grants more than was wanted, until that is used up")
    func prefetches() throws {
        let amounts = AskedHandler("amounts", [.quota])
        amounts.state.withLock {
            $0.grant = { _ in .answered(QuotaAllowance(amount: 3, validNanoseconds: 1_000_000)) }
        }
        let rig = try RuleRig(
            """
            handlers: [{ name: amounts, adapter: fake }]
            instances: [{ name: hits, template: quota, params: { dimensions: { path: request.path } } }]
            rules: [{ actions: [{ handler: amounts, instances: [hits] }] }]
            """, [amounts])
        for _ in 1...3 { #expect(rig.check(self.bag(), now: 10) == nil) }
        #expect(amounts.asked == [["/"]])
        #expect(rig.check(self.bag(path: "/b"), now: 10) == nil)
        #expect(amounts.asked == [["/"], ["/b"]])
    }

    @Test("A request that wants more than there is is denied, unless less will do")
    func bestEffort() throws {
        let text = """
            handlers: [{ name: amounts, adapter: fake }]
            instances: [{ name: hits, template: quota, params: { amount: request.size, bestEffort: false } }]
            rules: [{ actions: [{ handler: amounts, instances: [hits] }] }]
            """
        let amounts = AskedHandler("amounts", [.quota])
        amounts.state.withLock { $0.grant = { .answered(QuotaAllowance(amount: min($0.amount, 5))) } }
        let bag = self.bag()
        bag.numbers = ["request.size": 6]
        #expect(try RuleRig(text, [amounts]).check(bag)?.status == 429)
        let easy = text.replacing("bestEffort: false", with: "bestEffort: true")
        #expect(try RuleRig(easy, [amounts]).check(bag) == nil)
    }

    @Test("Attributes that an adapter makes are there for the rules behind, and asked for once a second")
    func generates() throws {
        let teams = AskedHandler("teams", [.attributes])
        let users = AskedHandler("users", [.listentry])
        let rig = try RuleRig(
            """
            handlers: [{ name: teams, adapter: fake }, { name: users, adapter: fake }]
            instances:
              - name: team
                template: attributes
                params: { who: source.principal }
                attributeBindings: { source.namespace: $out.team }
              - { name: user, template: listentry, params: { value: 'source.namespace | "none"' } }
            rules:
              - { actions: [{ handler: teams, instances: [team] }] }
              - { match: 'source.namespace == "payments"', actions: [{ handler: users, instances: [user] }] }
            """, [teams, users])
        for _ in 1...2 { #expect(rig.check(self.bag(), now: 10) == nil) }
        #expect(teams.asked == [["alice"]])
        #expect(users.asked == [["payments"], ["payments"]])
    }

    @Test("Fields are removed, set and added with the values of expressions")
    func headers() throws {
        let rig = try RuleRig(
            """
            rules:
              - requestHeaders:
                  remove: [x-secret]
                  set: { x-who: source.principal, x-gone: source.uid }
                  add: { x-tag: '"a" + "b"' }
            """, [])
        _ = rig.request.add(ByteView("x-secret"), ByteView("1"))
        _ = rig.request.add(ByteView("x-who"), ByteView("forged"))
        #expect(rig.check(self.bag()) == nil)
        func value(_ name: StaticString) -> String? { rig.request.first(named: ByteView(name))?.string }
        #expect(value("x-who") == "alice")
        #expect(value("x-tag") == "ab")
        #expect(value("x-secret") == nil)
        #expect(value("x-gone") == nil)
    }

    @Test("A handler that blocks is asked on a thread of its own, and the request goes on with its answer")
    func blocks() throws {
        let users = AskedHandler("users", [.listentry], isBlocking: true)
        users.state.withLock { $0.verdict = .answered(CheckVerdict(code: 7, message: "no")) }
        let rig = try RuleRig(Self.list, [users])
        var position = CheckPosition()
        let outcome = rig.mixer.proceed(&position, self.bag(), rig.request, time: 0, now: 1)
        guard case .waiting(let wait) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let answer = Lock<CheckAnswer?>(nil)
        let before = MonotonicTime.now()
        let isAsked = wait.ask { given in answer.withLock { $0 = given } }
        #expect(isAsked)
        #expect(eventually { answer.withLock { $0 != nil } })
        let given = try #require(answer.withLock { $0 })
        let deadline = try #require(users.state.withLock { $0.deadlines.last ?? nil })
        #expect(deadline.since(before) >= wait.timeout)
        let next = rig.mixer.proceed(&position, self.bag(), rig.request, answer: given, time: 0, now: 1)
        guard case .denied(let denial) = next else {
            Issue.record("\(next)")
            return
        }
        #expect(denial.message == "no")
    }
}
