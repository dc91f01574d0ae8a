extension ConfigShape where Value == RouteConfiguration {
    static var route: Self {
        .object(
            RouteConfiguration(name: "", rules: []),
            [
                .required(
                    "name", \.name, .name(defining: .route), "What metrics, logs and problems call it."),
                .key(
                    "hosts", \.hosts, .list(of: .hostPattern, atLeast: 1, unique: { $0 }),
                    "Exact hosts, `*.` and a domain, or `*`."
                ),
                .key(
                    "listeners", \.listeners,
                    ConfigShape<[String]>.list(of: .name(of: .listener), atLeast: 1, unique: { $0 }).optional,
                    "The names of the listeners it serves; all when absent."
                ),
                .key("filters", \.filters, .filters, "Filters of every rule here, after the listener's."),
                .required(
                    "rules", \.rules, .list(of: .rule, atLeast: 1), "The first rule that matches wins."),
                .key(
                    "metadata", \.metadata, .metadata, "Facts about the route, by filter."
                ),
                .location(\.location),
            ]
        )
    }
}

extension ConfigShape where Value == RuleConfiguration {
    fileprivate static var rule: Self {
        Self.object(
            RuleConfiguration(action: .forward([])),
            [
                .key("match", \.match, .ruleMatch, "Which requests; all conditions must hold."),
                .key(
                    "filters", \.filters, .filters,
                    "Filters of this rule, after the listener's and the route's."),
                .key(
                    "filterConfig", \.filterOverrides, .list(of: .filterOverride, unique: \.filter),
                    "Changes to filters of the listener or the route for this rule alone."
                ),
                .key(
                    "timeout", \.timeout, ConfigShape<Duration>.timeout.optional,
                    "To the response's end; the service's `timeouts.request` when absent."
                ),
                .key(
                    "retry", \.retry, ConfigShape<RetryPolicy>.retry.optional,
                    "When the request is sent to the service again."),
                .choice(\.action, isRequired: true, ConfigShape<RuleAction>.cases),
                .key("rewrite", \.rewrite, .rewrite, "What the service sees in place of path and host."),
                .key("requestHeaders", \.requestHeaders, .headerChanges, "Changes to what the service sees."),
                .key(
                    "responseHeaders", \.responseHeaders, .headerChanges, "Changes to what the client sees."),
                .key(
                    "metadata", \.metadata, .metadata, "Facts about the rule, by filter."),
                .location(\.location),
            ]
        ).checked { rule, node, reading in
            Self.checkPrefix(of: node, rule, &reading)
            Self.checkMeaning(of: node, &reading)
        }
    }

    /// `replacePrefix` says what takes the place of a prefix, so there must be one.
    private static func checkPrefix(
        of node: ConfigNode, _ rule: RuleConfiguration, _ reading: inout ConfigReading
    ) {
        if case .prefix = rule.match.path { return }
        for key in ["rewrite", "redirect"] {
            guard let change = node[key]?["path"]?["replacePrefix"] else { continue }
            reading.problem(change, "`replacePrefix` needs a `match.path.prefix` in the same rule")
        }
    }

    private static func checkMeaning(of node: ConfigNode, _ reading: inout ConfigReading) {
        guard let answer = ["redirect", "directResponse"].first(where: { node[$0] != nil }) else { return }
        let forServices = ["rewrite", "timeout", "retry", "requestHeaders"]
        for member in node.members where forServices.contains(member.key) {
            reading.problem(member.keyLocation, "has no meaning with `\(answer)`: no service is asked")
        }
    }
}

extension ConfigShape where Value == RuleMatch {
    fileprivate static var ruleMatch: Self {
        .object(
            RuleMatch(),
            [
                .key(
                    "path", \.path, ConfigShape<PathMatch>.pathMatch.optional,
                    "The path, without the query."),
                .key("method", \.methods, .oneOrMore(of: .method), "One method or a list."),
                .key("headers", \.headers, .named(.headerName), "Conditions on fields, by name."),
                .key(
                    "query", \.query, .named(.text(1...1024)),
                    "Conditions on parameters of the query, by name."),
            ]
        )
    }
}

extension ConfigShape where Value == [NamedMatch] {
    fileprivate static func named(_ name: ConfigShape<String>) -> Self {
        .map(of: ConfigShape<ValueMatch>.valueMatch, named: name) { NamedMatch($0, $1) }
    }
}

extension ConfigShape where Value == PathMatch {
    fileprivate static var pathMatch: Self {
        let path = ConfigShape<String>.path
        return .object(
            .prefix("/"),
            [
                .choice(
                    \.self, isRequired: true,
                    [
                        ("exact", path.map { .exact($0) }, "The whole path."),
                        ("prefix", path.map { .prefix($0) }, "Whole segments at the beginning."),
                        ("regex", ConfigShape<String>.pattern.map { .regex($0) }, "RE2, for the whole path."),
                    ]
                )
            ]
        )
    }
}

extension ConfigShape where Value == ValueMatch {
    fileprivate static var valueMatch: Self {
        let text = ConfigShape<String>.text(0...8192)
        let part = ConfigShape<String>.text(1...8192)
        return .object(
            .present,
            [
                .choice(
                    \.self, isRequired: true,
                    [
                        ("exact", text.map { .exact($0) }, "The whole value."),
                        ("prefix", part.map { .prefix($0) }, "How the value begins."),
                        ("suffix", part.map { .suffix($0) }, "How the value ends."),
                        ("contains", part.map { .contains($0) }, "A part of the value."),
                        (
                            "regex", ConfigShape<String>.pattern.map { .regex($0) },
                            "RE2, for the whole value."
                        ),
                        ("present", .always(.present), "There is one."),
                        ("absent", .always(.absent), "There is none."),
                    ]
                )
            ]
        )
    }
}
