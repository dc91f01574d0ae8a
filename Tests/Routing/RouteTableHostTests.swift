import Filtering
import GatewayConfig
import Routing
import Testing

@Suite struct RouteTableHostTests {
    let hosts = table([
        RouteConfiguration(hosts: ["*"], [.prefix("/")]),
        RouteConfiguration(hosts: ["*.example.com"], [.prefix("/")]),
        RouteConfiguration(hosts: ["*.shop.example.com"], [.prefix("/")]),
        RouteConfiguration(hosts: ["a.shop.example.com", "[::1]"], [.prefix("/")]),
    ])

    @Test(
        "The exact host comes before the longest wildcard, that before any host, whatever the file order",
        arguments: [
            ("a.shop.example.com", 3), ("b.shop.example.com", 2), ("x.b.shop.example.com", 2),
            ("shop.example.com", 1), ("x.example.com", 1), ("example.com", 0), (".example.com", 0),
            ("notexample.com", 0), ("", 0), ("com", 0), (".", 0),
        ]
    )
    func specificity(host: String, rule: Int32) {
        #expect(self.hosts.match(makeRequest("/", host: host), listener: 0) == rule)
    }

    @Test(
        "Case, port and one final dot make no difference",
        arguments: [
            ("A.SHOP.Example.com", 3), ("a.shop.example.com:8080", 3), ("a.shop.example.com.", 3),
            ("a.shop.example.com.:443", 3), ("a.shop.example.com:", 3), ("a.shop.example.com..", 0),
            ("B.Shop.Example.COM:1", 2), ("[::1]:80", 3), ("[::1]", 3), ("[::2]:80", 0),
        ]
    )
    func spelling(host: String, rule: Int32) {
        #expect(self.hosts.match(makeRequest("/", host: host), listener: 0) == rule)
    }

    @Test("When the most specific host has no rule that matches, no other host is tried")
    func noFallback() {
        let routes = table([
            RouteConfiguration(hosts: ["*"], [.prefix("/")]),
            RouteConfiguration(hosts: ["example.com"], [.prefix("/api")]),
        ])
        #expect(routes.match(makeRequest("/api"), listener: 0) == 1)
        #expect(routes.match(makeRequest("/"), listener: 0) == -1)
        #expect(routes.match(makeRequest("/", host: "other"), listener: 0) == 0)
    }

    @Test("Rules of several routes for one host are tried in file order")
    func acrossRoutes() {
        let routes = table([
            RouteConfiguration(hosts: ["example.com"], [.exact("/a"), .prefix("/b/c")]),
            RouteConfiguration(hosts: ["other"], [.prefix("/")]),
            RouteConfiguration(hosts: ["example.com", "other"], [.prefix("/b"), .prefix("/")]),
        ])
        #expect(routes.match(makeRequest("/b/c"), listener: 0) == 1)
        #expect(routes.match(makeRequest("/b/d"), listener: 0) == 3)
        #expect(routes.match(makeRequest("/x"), listener: 0) == 4)
        #expect(routes.match(makeRequest("/b", host: "other"), listener: 0) == 2)
        #expect(routes.references[4] == RuleReference(route: 2, rule: 1))
    }

    @Test("A route serves its listeners only, and its hosts exist there only")
    func listeners() {
        let (routes, _) = RouteTable.compile(
            routes: [
                RouteConfiguration(hosts: ["example.com"], listeners: ["private"], [.prefix("/admin")]),
                RouteConfiguration([.prefix("/")]),
                RouteConfiguration(listeners: ["other"], [.prefix("/")]),
            ],
            listenerNames: ["public", "private"]
        )
        #expect(routes.match(makeRequest("/admin"), listener: 0) == 1)
        #expect(routes.match(makeRequest("/admin"), listener: 1) == 0)
        #expect(routes.match(makeRequest("/x"), listener: 1) == -1, "example.com has its own rules there")
        #expect(routes.match(makeRequest("/x", host: "y"), listener: 1) == 1)
    }

    @Test("A name longer than DNS allows is no configured host")
    func longName() {
        let long = String(repeating: "a.", count: 10_000) + "example.com"
        #expect(self.hosts.match(makeRequest("/", host: long), listener: 0) == 0)
    }

    @Test("Without routes nothing matches")
    func empty() {
        #expect(table([RouteConfiguration]()).match(makeRequest("/"), listener: 0) == -1)
    }
}
