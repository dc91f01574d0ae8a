extension ConfigShape where Value == RuleAction {
    /// The keys of which a rule has one.
    static var cases: [(name: String, shape: Self, description: String)] {
        [
            (
                "service", ConfigShape<String>.name(of: .service).map { .forward([WeightedService($0)]) },
                "The service that the request goes to."
            ),
            (
                "split", ConfigShape<[WeightedService]>.split.map { .forward($0) },
                "Services, and the share of each."
            ),
            (
                "redirect", ConfigShape<Redirect>.redirect.map { .redirect($0) },
                "An answer that sends elsewhere."
            ),
            (
                "directResponse", ConfigShape<DirectResponse>.directResponse.map { .directResponse($0) },
                "An answer that stands here."
            ),
        ]
    }
}

extension ConfigShape where Value == [WeightedService] {
    static var split: Self {
        let service = ConfigShape<WeightedService>.object(
            WeightedService(""),
            [
                .required("service", \.service, .name(of: .service), "The service's name."),
                .key("weight", \.weight, .weight(0...1_000_000), "Its share."),
            ]
        )
        return Self.list(of: service, atLeast: 1, unique: \.service).checked { services, node, reading in
            if !services.isEmpty, services.allSatisfy({ $0.weight.value == 0 }) {
                reading.problem(node, "at least one weight must be more than 0")
            }
        }
    }
}

extension ConfigShape where Value == Redirect {
    fileprivate static var redirect: Self {
        Self.object(
            Redirect(),
            [
                .key(
                    "scheme", \.scheme, ConfigShape<String>.word(["http", "https"]).optional,
                    "The request's when absent."
                ),
                .key("host", \.host, ConfigShape<String>.host.optional, "The request's when absent."),
                .key(
                    "port", \.port, ConfigShape<Int>.integer(1...65535).optional, "The request's when absent."
                ),
                .key(
                    "path", \.path, ConfigShape<PathChange>.pathChange.optional,
                    "The request's when absent."),
                .key("status", \.status, .integer(oneOf: [301, 302, 303, 307, 308]), "The status code."),
            ]
        ).checked { redirect, node, reading in
            let changes = ["scheme", "host", "port", "path"]
            if !changes.contains(where: { node[$0] != nil }) {
                reading.problem(node, "would lead to itself: needs \(Spelling.alternatives(changes))")
            }
        }
    }
}

extension ConfigShape where Value == DirectResponse {
    fileprivate static var directResponse: Self {
        Self.object(
            DirectResponse(),
            [
                .key("status", \.status, .integer(200...599), "The status code."),
                .key("body", \.body, .text(0...(1 << 20)), "The body; at most 1 MiB."),
                .key("headers", \.headers, .headerPairs, "Fields of the answer."),
            ]
        ).checked { response, node, reading in
            if [204, 205, 304].contains(response.status), !response.body.isEmpty, let body = node["body"] {
                reading.problem(body, "an answer with status \(response.status) has no body")
            }
        }
    }
}

extension ConfigShape where Value == PathChange {
    static var pathChange: Self {
        let path = ConfigShape<String>.path
        return .object(
            .replaceFull("/"),
            [
                .choice(
                    \.self, isRequired: true,
                    [
                        (
                            "replacePrefix", path.map { .replacePrefix($0) },
                            "In place of what the prefix matched."
                        ),
                        ("replaceFull", path.map { .replaceFull($0) }, "In place of the whole path."),
                    ]
                )
            ]
        )
    }
}

extension ConfigShape where Value == Rewrite {
    static var rewrite: Self {
        .object(
            Rewrite(),
            [
                .key(
                    "path", \.path, ConfigShape<PathChange>.pathChange.optional,
                    "The path; unchanged when absent."),
                .key(
                    "host", \.host, ConfigShape<String>.authority.optional, "The host; unchanged when absent."
                ),
            ]
        )
    }
}

extension ConfigShape where Value == HeaderChanges {
    static var headerChanges: Self {
        .object(
            HeaderChanges(),
            [
                .key("set", \.set, .headerPairs, "In place of every field of that name."),
                .key("add", \.add, .headerPairs, "Beside fields of that name."),
                .key(
                    "remove", \.remove, .list(of: .writableHeaderName, unique: { $0 }),
                    "Names of fields that go."),
            ]
        )
    }
}

extension ConfigShape where Value == [HeaderPair] {
    fileprivate static var headerPairs: Self {
        .map(of: ConfigShape<String>.headerValue, named: .writableHeaderName) { HeaderPair($0, $1) }
    }
}
