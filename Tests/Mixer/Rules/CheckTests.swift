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

    @Test("A value of another type than its attribute's is not taken")
    func otherTypes() throws {
        let text = """
            handlers: [{ name: teams, adapter: fake }, { name: users, adapter: fake }]
            instances:
              - name: team
                template: attributes
                attributeBindings: { source.namespace: $out.team, source.workload.name: $out.other }
              - { name: user, template: listentry, params: { value: 'source.namespace | "none"' } }
            rules:
              - actions: [{ handler: teams, instances: [team] }, { handler: users, instances: [user] }]
            """
        let outputs = [RecordColumn("team", .any), RecordColumn("other", .string)]
        for (made, seen) in [(Int64(7), "none"), (nil, "payments")] {
            let teams = AskedHandler("teams", [.attributes], outputs: outputs)
            teams.state.withLock { $0.made = made }
            let users = AskedHandler("users", [.listentry])
            #expect(try RuleRig(text, [teams, users]).check(self.bag()) == nil)
            #expect(users.asked == [[seen]])
        }
    }

    @Test("An output whose type is not its attribute's is refused, and so is what no adapter makes")
    func bindings() throws {
        let facts = [
            "teams": HandlerFacts(
                adapter: "fake", templates: TemplateSet([.attributes]),
                outputs: [RecordColumn("team", .string), RecordColumn("size", .int64)])
        ]
        let problems = try RuleRig.problems(
            """
            handlers: [{ name: teams, adapter: fake }]
            instances:
              - name: all
                template: attributes
                attributeBindings:
                  source.ip: $out.team
                  source.namespace: $out.size
                  source.uid: $out.team
                  request.size: $out.size
                  source.name: $out.teams
              - { name: map, template: attributes, attributeBindings: { source.labels: $out.team } }
            rules: [{ actions: [{ handler: teams, instances: [all] }] }]
            """, facts)
        #expect(
            problems == [
                "mixer.instances[1].attributeBindings[\"source.labels\"]: attribute `source.labels` is of "
                    + "type `map(string, string)`, which no adapter makes",
                "mixer.rules[0].actions[0]: instance `all` makes attribute `source.ip`, which is of type "
                    + "`ipAddress`, of `$out.team`, which is of type `string`",
                "mixer.rules[0].actions[0]: instance `all` makes attribute `source.namespace`, which is of "
                    + "type `string`, of `$out.size`, which is of type `int64`",
                "mixer.rules[0].actions[0]: instance `all` takes `$out.teams`, which adapter `fake` does not "
                    + "make; did you mean `team`?",
            ])
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

    @Test("Of more rules than a word has bits, each that matched changes the response")
    func manyRules() throws {
        let rules = (0..<130).map {
            "  - { match: 'request.path != \"/\($0)\"', responseHeaders: { set: { x-\($0): '\"1\"' } } }"
        }
        let rig = try RuleRig("rules:\n" + rules.joined(separator: "\n"), [])
        var position = CheckPosition()
        _ = rig.mixer.proceed(&position, self.bag(path: "/100"), rig.request, time: 0, now: 1)
        let response = HeaderBlock(capacity: 1024)
        rig.mixer.changeResponse(position, self.bag(path: "/100"), response)
        let set = (0..<130).filter { number in
            "x-\(number)".withByteView { response.first(named: $0) } != nil
        }
        #expect(set == (0..<130).filter { $0 != 100 })
    }

    @Test("In a second pass handlers are asked anew, but fields are changed and amounts taken once")
    func again() throws {
        let users = AskedHandler("users", [.listentry])
        let amounts = AskedHandler("amounts", [.quota])
        let rig = try RuleRig(
            """
            handlers: [{ name: users, adapter: fake }, { name: amounts, adapter: fake }]
            instances:
              - { name: user, template: listentry, params: { value: request.path } }
              - { name: all, template: quota }
              - { name: hits, template: quota, params: { dimensions: { path: request.path } } }
            rules:
              - requestHeaders: { add: { x-tag: '"a"' } }
                responseHeaders: { add: { x-seen: '"b"' } }
                actions:
                  - { handler: users, instances: [user] }
                  - { handler: amounts, instances: [all, hits] }
            """, [users, amounts])
        var position = CheckPosition()
        _ = rig.mixer.proceed(&position, self.bag(path: "/a"), rig.request, time: 0, now: 1)
        position.startAgain()
        _ = rig.mixer.proceed(&position, self.bag(path: "/b"), rig.request, time: 0, now: 1)
        #expect(users.asked == [["/a"], ["/b"]])
        #expect(amounts.asked == [[], ["/a"], ["/b"]])
        #expect(rig.request.count == 1)
        let response = HeaderBlock(capacity: 1024)
        rig.mixer.changeResponse(position, self.bag(), response)
        #expect(response.count == 1)
        position.reset()
        _ = rig.mixer.proceed(&position, self.bag(path: "/b"), rig.request, time: 0, now: 1)
        #expect(amounts.asked.count == 5 && rig.request.count == 2)
    }

    @Test("An API key's answer is kept: the moment is no part of what it depends on")
    func moments() throws {
        let keys = AskedHandler("keys", [.apikey])
        keys.state.withLock { $0.verdict = .answered(CheckVerdict(validNanoseconds: 100)) }
        let rig = try RuleRig(
            """
            handlers: [{ name: keys, adapter: fake }]
            instances: [{ name: key, template: apikey, params: { apiKey: request.path } }]
            rules: [{ actions: [{ handler: keys, instances: [key] }] }]
            """, [keys])
        for moment in 1...3 as ClosedRange<Int64> {
            let bag = self.bag()
            bag.numbers = ["request.time": moment]
            #expect(rig.check(bag, now: 10) == nil)
        }
        #expect(keys.asked == [["-", "-", "-", "/", "-"]])
    }

    @Test("A question that no thread came to within the handler's timeout is not asked")
    func late() throws {
        let users = AskedHandler("users", [.listentry], isBlocking: true)
        let rig = try RuleRig(Self.list, [users], timeout: 1_000_000)
        var position = CheckPosition()
        let outcome = rig.mixer.proceed(&position, self.bag(), rig.request, time: 0, now: 1)
        guard case .waiting(let wait) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        // The only thread is busy until the question's time is over.
        let isFree = Lock(false)
        let threads = try #require(rig.threads["users"])
        let isTaken = threads.run { _ = eventually { isFree.withLock { $0 } } }
        #expect(isTaken)
        let answer = Lock<CheckAnswer?>(nil)
        let isAsked = wait.ask { given in answer.withLock { $0 = given } }
        #expect(isAsked)
        let end = MonotonicTime.now().advanced(byNanoseconds: wait.timeout)
        #expect(eventually { MonotonicTime.now() > end })
        isFree.withLock { $0 = true }
        #expect(eventually { answer.withLock { $0 != nil } })
        #expect(users.asked.isEmpty)
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
