import GatewayConfig
import Routing
import Testing

@Suite struct NeverMatchingRuleTests {
    func warnings(_ routes: [RouteConfiguration], listeners: [String] = ["public"]) -> [ConfigProblem] {
        RouteTable.compile(routes: routes, listenerNames: listeners).problems
    }

    @Test("A warning names the rule's place, and the rule that takes its requests")
    func message() {
        let found = self.warnings([RouteConfiguration([.prefix("/a"), .exact("/b"), .prefix("/a/b")])])
        #expect(
            found.map(\.description) == [
                "2:1: rule2: warning: this rule can never match: `rule0` (line 0) takes all of its requests"
            ])
    }

    @Test(
        "A rule behind one that matches all it matches can never match",
        arguments: [
            (RuleMatch.prefix("/"), RuleMatch.exact("/x")), (.prefix("/"), .prefix("/a/b")),
            (.exact("/a"), .exact("/a")),
            (.prefix("/a/"), .prefix("/a")), (RuleMatch(), .regex("/x.*")), (.regex("/x.*"), .regex("/x.*")),
            (.regex("/x.*"), .exact("/xyz")), (RuleMatch(), RuleMatch(path: .prefix("/"), methods: ["GET"])),
            (RuleMatch(methods: ["GET", "PUT"]), RuleMatch(methods: ["PUT"])),
            (.header("a", .present), .header("a", .exact("1"))),
            (.header("a", .present), .header("A", .regex("1"))),
            (.header("a", .prefix("1")), .header("a", .exact("12"))),
            (.header("a", .regex("1.")), .header("a", .exact("12"))),
            (.query("a", .suffix("2")), .query("a", .exact("12"))),
            (.query("a", .contains("2")), .query("a", .prefix("123"))),
            (.query("a", .absent), .query("a", .absent)),
        ]
    )
    func covered(earlier: RuleMatch, later: RuleMatch) {
        #expect(self.warnings([RouteConfiguration([earlier, later])]).map(\.path) == ["rule1"])
    }

    @Test(
        "A rule that something is left for is not warned of",
        arguments: [
            (RuleMatch.exact("/a"), RuleMatch.prefix("/a")), (.prefix("/a"), .prefix("/ab")),
            (.prefix("/"), RuleMatch()),
            (.prefix("/"), .regex("/x")), (.regex("/x.*"), .prefix("/x")), (.exact("/a"), .exact("/a/")),
            (RuleMatch(methods: ["GET"]), RuleMatch()),
            (RuleMatch(methods: ["GET"]), RuleMatch(methods: ["GET", "PUT"])),
            (.header("a", .exact("1")), .header("a", .present)),
            (.header("a", .exact("1")), .header("b", .exact("1"))),
            (.header("a", .absent), .header("b", .absent)), (.query("a", .present), .header("a", .present)),
            (.query("a", .present), .query("A", .present)),
            (.header("a", .prefix("12")), .header("a", .prefix("1"))),
        ]
    )
    func reachable(earlier: RuleMatch, later: RuleMatch) {
        #expect(self.warnings([RouteConfiguration([earlier, later])]).isEmpty)
    }

    @Test("A rule is warned of only when it is covered in all of its hosts and listeners")
    func everyHost() {
        let first = RouteConfiguration(hosts: ["a"], listeners: ["public"], [.prefix("/")])
        let same = RouteConfiguration(hosts: ["a"], listeners: ["public"], [.prefix("/x")])
        let otherHost = RouteConfiguration(hosts: ["a", "b"], listeners: ["public"], [.prefix("/x")])
        let otherListener = RouteConfiguration(hosts: ["a"], [.prefix("/x")])
        let both = ["public", "private"]
        #expect(self.warnings([first, same], listeners: both).count == 1)
        #expect(self.warnings([first, otherHost], listeners: both).isEmpty)
        #expect(self.warnings([first, otherListener], listeners: both).isEmpty)
    }

    @Test(
        "Conditions that exclude each other are warned of",
        arguments: [
            RuleMatch(headers: [NamedMatch("x-a", .absent), NamedMatch("X-A", .exact("1"))]),
            RuleMatch(query: [NamedMatch("q", .present), NamedMatch("q", .absent)]),
            .exact("/a?b"), .prefix("a"), .exact("/a#b"),
        ]
    )
    func contradictions(match: RuleMatch) {
        let found = self.warnings([RouteConfiguration([match, .prefix("/")])])
        #expect(found.map(\.path) == ["rule0"])
        #expect(found.allSatisfy { $0.severity == .warning })
    }

    @Test("A regular expression that RE2 refuses is an error and its rule matches nothing")
    func badPattern() {
        let (table, problems) = RouteTable.compile(
            routes: [RouteConfiguration([.regex("/(a"), .header("x", .regex("[")), .prefix("/b")])],
            listenerNames: ["public"]
        )
        #expect(problems.map(\.severity) == [.error, .error])
        #expect(problems.first?.message == "`/(a` is no regular expression: missing ): /(a")
        #expect(table.match(makeRequest("/a", headers: [("x", "[")]), listener: 0) == -1)
        #expect(table.match(makeRequest("/b"), listener: 0) == 2)
    }

    @Test("Ten thousand rules of one path are checked within the limit of comparisons")
    func bounded() {
        let rules = (0..<10_000).map { RuleMatch.header("x-user", .exact("u\($0)")) }
        #expect(self.warnings([RouteConfiguration(rules)]).isEmpty)
    }
}
