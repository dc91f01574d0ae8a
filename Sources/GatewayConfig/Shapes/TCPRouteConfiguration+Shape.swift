internal import Primitives

extension ConfigShape where Value == TCPRouteConfiguration {
    static var tcpRoute: Self {
        .object(
            TCPRouteConfiguration(name: "", rules: []),
            [
                .required(
                    "name", \.name, .name(defining: .route), "What metrics, logs and problems call it."),
                .key(
                    "listeners", \.listeners,
                    ConfigShape<[String]>.list(of: .name(of: .listener), atLeast: 1, unique: { $0 }).optional,
                    "The names of the listeners it serves; all of `tcp` and `auto` when absent."
                ),
                .required(
                    "rules", \.rules, .list(of: .tcpRule, atLeast: 1), "The first rule that matches wins."),
                .key("timeouts", \.timeouts, .tcpTimeouts, "How long a connection may take."),
                .key("limits", \.limits, .tcpLimits, "How many connections there may be."),
                .location(\.location),
            ]
        )
    }
}

extension ConfigShape where Value == TCPRuleConfiguration {
    fileprivate static var tcpRule: Self {
        .object(
            TCPRuleConfiguration(services: []),
            [
                .key("match", \.match, .tcpMatch, "Which connections; all conditions must hold."),
                .choice(
                    \.services, isRequired: true,
                    [
                        (
                            "service", ConfigShape<String>.name(of: .service).map { [WeightedService($0)] },
                            "The service that the connection goes to."
                        ),
                        ("split", ConfigShape<[WeightedService]>.split, "Services, and the share of each."),
                    ]
                ),
                .location(\.location),
            ]
        )
    }
}

extension ConfigShape where Value == TCPMatch {
    fileprivate static var tcpMatch: Self {
        .object(
            TCPMatch(),
            [
                .key(
                    "sni", \.serverNames, .oneOrMore(of: .hostPattern),
                    "Names that TLS clients ask for: exact, `*.` and a domain, or `*`."),
                .key(
                    "alpn", \.applicationProtocols, .oneOrMore(of: .text(1...255)),
                    "Application protocols that TLS clients offer."),
                .key(
                    "sourceAddresses", \.sourceAddresses, .sourceAddresses,
                    "Clients' addresses, or ranges as `10.0.0.0/8`."),
            ]
        )
    }
}

extension ConfigShape where Value == [IPRange] {
    fileprivate static var sourceAddresses: Self {
        let texts = ConfigShape<[String]>.oneOrMore(
            of: ConfigShape<String>.text(
                1...49, matching: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", "an IP address or a range as `10.0.0.0/8`"
            ).checked { text, node, reading in
                if IPRange(text) == nil {
                    reading.problem(
                        node,
                        "must be an IP address or a range without bits beyond its prefix, got \(node.shown)")
                }
            }
        )
        return texts.map { $0.compactMap { IPRange($0) } }
    }
}

extension ConfigShape where Value == TCPTimeouts {
    fileprivate static var tcpTimeouts: Self {
        .object(
            TCPTimeouts(),
            [.key("idle", \.idle, .timeout, "The longest pause without a byte in either direction.")]
        )
    }
}

extension ConfigShape where Value == TCPLimits {
    fileprivate static var tcpLimits: Self {
        .object(
            TCPLimits(),
            [
                .key(
                    "connections", \.connections, ConfigShape<Int>.integer(1...1_000_000).optional,
                    "The most at a time, of all workers; further ones are closed."
                )
            ]
        )
    }
}
