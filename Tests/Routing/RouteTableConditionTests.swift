import Filtering
import GatewayConfig
import Routing
import Testing

@Suite struct RouteTableConditionTests {
    @Test("Methods are compared with case; none given is any")
    func methods() {
        let routes = table([RuleMatch(methods: ["GET", "PATCH"]), RuleMatch(methods: ["PROPFIND"])])
        let found = ["GET", "PATCH", "PROPFIND", "get", "HEAD"].map {
            routes.match(makeRequest("/", method: $0), listener: 0)
        }
        #expect(found == [0, 0, 1, -1, -1])
    }

    @Test(
        "A condition holds when one of the fields of that name meets it",
        arguments: ["x-user", "accept", "X-User"],
        [
            (ValueMatch.exact("jason"), ["jason"], true), (.exact("jason"), ["Jason"], false),
            (.exact("jason"), ["bob", "jason"], true), (.exact("jason"), [], false),
            (.prefix("ja"), ["jason"], true), (.prefix("ja"), ["maja"], false),
            (.suffix("son"), ["jason"], true), (.suffix("son"), ["sonja"], false),
            (.suffix("long"), ["ng"], false),
            (.contains("aso"), ["jason"], true), (.contains("aso"), ["jaso", "n"], true),
            (.contains("aso"), ["as", "o"], false), (.contains(""), [""], true),
            (.regex("j.*n"), ["jason"], true), (.regex("j.*"), ["xjason"], false),
            (.present, [""], true), (.present, [], false), (.absent, [], true), (.absent, [""], false),
        ] as [(ValueMatch, [String], Bool)]
    )
    func fields(name: String, condition: (ValueMatch, [String], Bool)) {
        let (wanted, values, matches) = condition
        let headers = [("x-other", "jason")] + values.map { (name.uppercased(), $0) } + [("host2", "jason")]
        let routes = table([.header(name, wanted)])
        #expect((routes.match(makeRequest("/", headers: headers), listener: 0) == 0) == matches)
    }

    @Test("All conditions must hold")
    func conjunction() {
        let routes = table([
            RuleMatch(
                path: .prefix("/a"), methods: ["GET"],
                headers: [NamedMatch("x-a", .exact("1")), NamedMatch("x-b", .present)],
                query: [NamedMatch("q", .exact("2"))]
            ),
            .prefix("/"),
        ])
        let both = [("x-a", "1"), ("x-b", "")]
        #expect(routes.match(makeRequest("/a?q=2", headers: both), listener: 0) == 0)
        #expect(routes.match(makeRequest("/a?q=3", headers: both), listener: 0) == 1)
        #expect(routes.match(makeRequest("/a?q=2", headers: [("x-a", "1")]), listener: 0) == 1)
        #expect(routes.match(makeRequest("/a?q=2", method: "PUT", headers: both), listener: 0) == 1)
        #expect(routes.match(makeRequest("/b?q=2", headers: both), listener: 0) == 1)
    }

    @Test("The Host field and pseudo-fields can be asked for")
    func hostField() {
        #expect(
            table([.header("host", .exact("a:80"))]).match(makeRequest("/", host: "a:80"), listener: 0) == 0)
        #expect(table([.header(":method", .exact("GET"))]).match(makeRequest("/"), listener: 0) == 0)
        #expect(table([.header("host", .absent)]).match(makeRequest("/", host: ""), listener: 0) == 0)
        #expect(table([.header("host", .present)]).match(makeRequest("/", host: ""), listener: 0) == -1)
    }

    @Test(
        "Names and values of the query are compared decoded, names with case",
        arguments: [
            ("q", ValueMatch.exact("a b"), "q=a+b", true), ("q", .exact("a b"), "q=a%20b", true),
            ("q", .exact("a b"), "x=1&q=a%20b&y", true), ("q", .exact("a+b"), "q=a%2Bb", true),
            ("q", .exact("a+b"), "q=a+b", false), ("q", .exact("100%"), "q=100%", true),
            ("q", .exact("%zz"), "q=%zz", true), ("q", .exact("%4"), "q=%4", true),
            ("q", .exact("J"), "q=%4a", true),
            ("q x", .exact("1"), "q%20x=1", true), ("q", .exact("1"), "Q=1", false),
            ("q", .exact("1"), "qq=1", false),
            ("q", .exact("1"), "q=2&q=1", true), ("q", .exact(""), "q", true), ("q", .exact(""), "q=", true),
            ("q", .exact("a=b"), "q=a=b", true), ("q", .present, "&&q&", true), ("q", .present, "qx", false),
            ("q", .absent, "x=q", true), ("q", .absent, "%71=1", false),
            ("q", .regex("[0-9]+"), "q=12", true),
            ("q", .regex("[0-9]+"), "q=1%32", true), ("q", .regex("[0-9]+"), "q=12x", false),
            ("q", .prefix("a "), "q=a+b", true), ("q", .suffix(" b"), "q=a+b", true),
            ("q", .contains("é"), "q=caf%C3%A9s", true),
        ] as [(String, ValueMatch, String, Bool)]
    )
    func query(name: String, wanted: ValueMatch, query: String, matches: Bool) {
        #expect((table([.query(name, wanted)]).match(makeRequest("/?" + query), listener: 0) == 0) == matches)
    }

    @Test("A request without a query has no parameters")
    func noQuery() {
        #expect(table([.query("q", .absent)]).match(makeRequest("/q=1"), listener: 0) == 0)
        #expect(table([.query("q", .present)]).match(makeRequest("/q=1"), listener: 0) == -1)
    }
}
