import Filtering
import GatewayConfig
import Primitives
import Routing

/// A request as the codec would hand it over.
func makeRequest(
    _ target: String, host: String = "example.com", method: String = "GET", headers: [(String, String)] = []
) -> HeaderBlock {
    let block = HeaderBlock()
    for (name, value) in [(":method", method), (":scheme", "http"), (":authority", host), (":path", target)] {
        name.withByteView { name in _ = value.withByteView { block.set(name, $0) } }
    }
    for (name, value) in headers {
        name.withByteView { name in _ = value.withByteView { block.add(name, $0) } }
    }
    return block
}

extension RuleConfiguration {
    /// A rule at a line of its own.
    init(_ match: RuleMatch, line: Int = 0) {
        self.init(
            match: match, action: .forward([WeightedService("s")]),
            location: ConfigLocation(path: "rule\(line)", line: line, column: 1)
        )
    }
}

extension RouteConfiguration {
    init(hosts: [String] = ["*"], listeners: [String]? = nil, _ matches: [RuleMatch]) {
        self.init(
            name: "r", hosts: hosts, listeners: listeners,
            rules: matches.enumerated().map { RuleConfiguration($0.element, line: $0.offset) }
        )
    }
}

extension RuleMatch {
    static func prefix(_ path: String) -> Self { RuleMatch(path: .prefix(path)) }
    static func exact(_ path: String) -> Self { RuleMatch(path: .exact(path)) }
    static func regex(_ pattern: String) -> Self { RuleMatch(path: .regex(pattern)) }
    static func header(_ name: String, _ value: ValueMatch) -> Self {
        RuleMatch(headers: [NamedMatch(name, value)])
    }
    static func query(_ name: String, _ value: ValueMatch) -> Self {
        RuleMatch(query: [NamedMatch(name, value)])
    }
}

/// The table of one listener.
func table(_ routes: [RouteConfiguration]) -> RouteTable {
    RouteTable.compile(routes: routes, listenerNames: ["public"]).table
}

/// The table of one route for all hosts.
func table(_ matches: [RuleMatch]) -> RouteTable { table([RouteConfiguration(matches)]) }
