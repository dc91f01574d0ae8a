internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import Routing

/// Matches over 10,000 routes for 1,000 hosts, one of five of them a wildcard, paths of three segments.
enum RouteBenchmarks {
    static let all = [
        Benchmark(name: "route") { Self.plain },
        Benchmark(name: "route-conditions") { Self.conditions },
        Benchmark(name: "route-regex") { Self.regularExpressions },
    ]

    private static var plain: (Int) -> UInt64 {
        RouteRequests { RuleMatch(path: $0 % 2 == 0 ? .prefix($1) : .exact($1)) }.match
    }

    /// The same table where every rule also asks for a method and a field.
    private static var conditions: (Int) -> UInt64 {
        RouteRequests {
            RuleMatch(
                path: .prefix($1), methods: ["GET", "POST"],
                headers: [NamedMatch("x-user", .exact("jason")), NamedMatch("accept", .present)]
            )
        }.match
    }

    /// The same table with a regular expression for every path.
    private static var regularExpressions: (Int) -> UInt64 {
        RouteRequests(routesPerHost: 1) { RuleMatch(path: .regex("\($1)(/[0-9]+)?")) }.match
    }
}

/// A table, and requests that meet its rules in random order.
private final class RouteRequests {
    private let table: RouteTable
    private let block = HeaderBlock(capacity: 1 << 18)
    private var authorities: [ArenaRange] = []
    private var paths: [ArenaRange] = []
    private var random = RandomSource(seed: (1, 2, 3, 4))

    init(routesPerHost: Int = 10, _ match: (Int, String) -> RuleMatch) {
        var routes: [RouteConfiguration] = []
        for host in 0..<1_000 {
            let isWildcard = host % 5 == 0
            for route in 0..<routesPerHost {
                routes.append(
                    RouteConfiguration(
                        name: "r\(host)-\(route)",
                        hosts: [isWildcard ? "*.shop\(host).example.com" : "www.shop\(host).example.com"],
                        rules: [
                            RuleConfiguration(
                                match: match(route, "/api/v\(route)/reviews"),
                                action: .forward([WeightedService("s")])
                            )
                        ]
                    )
                )
            }
            self.authorities.append("www.Shop\(host).example.com:8080".withByteView(self.block.copy))
        }
        for route in 0..<routesPerHost {
            self.paths.append("/api/v\(route)/reviews?page=2&sort=date".withByteView(self.block.copy))
        }
        self.table = RouteTable.compile(routes: routes, listenerNames: ["public"]).table
        self.block.setMethod("GET".withByteView(self.block.copy))
        for (name, value) in [
            ("user-agent", "bench/1"), ("accept", "*/*"), ("accept-encoding", "gzip"),
            ("cookie", "session=1"),
            ("x-request-id", "6f1c"), ("x-user", "jason"), ("referer", "http://example.com/"),
        ] { name.withByteView { name in _ = value.withByteView { self.block.add(name, $0) } } }
    }

    func match(_ iterations: Int) -> UInt64 {
        var sum: UInt64 = 0
        for _ in 0..<iterations {
            let bits = self.random.next()
            self.block.setAuthority(self.authorities[Int(bits % UInt64(self.authorities.count))])
            self.block.setPath(self.paths[Int((bits >> 32) % UInt64(self.paths.count))])
            let rule = self.table.match(self.block, listener: 0)
            precondition(rule >= 0)
            sum &+= UInt64(rule)
        }
        return sum
    }
}
