internal import GatewayConfig
internal import Primitives

/// Finds the rules that no request can reach.
///
/// Such a rule either has conditions that exclude each other, or there is, for each of its hosts, an earlier
/// rule that matches all that it matches. Only single rules are compared: that two together leave nothing for
/// a third is not noticed.
struct CoverageCheck {
    /// Pairs of rules compared at most, so that no configuration makes loading slow; past it rules go
    /// unwarned.
    private static let comparisonLimit = 300_000

    private let routes: [RouteConfiguration]
    private var comparisons = 0
    /// By rule: in how many hosts it stands, in how many it is covered, and by whom.
    private var hostCounts: [RuleReference: Int] = [:]
    private var coveredCounts: [RuleReference: Int] = [:]
    private var coverers: [RuleReference: RuleReference] = [:]
    private var patterns: [String: LinearRegex] = [:]

    init(routes: [RouteConfiguration]) { self.routes = routes }

    /// Takes in one host whose rules are those of these routes, in this order.
    mutating func check(host routes: [Int]) {
        // Rules by their path, so that only those are compared whose path can cover another's.
        var byPath: [RulePath: [RuleReference]] = [:]
        var patterns: [RuleReference] = []
        for route in routes {
            for position in self.routes[route].rules.indices {
                let reference = RuleReference(route: route, rule: position)
                let path = RulePath(self.match(reference).path)
                self.hostCounts[reference, default: 0] += 1
                if let coverer = self.coverer(of: reference, path, byPath, patterns) {
                    self.coveredCounts[reference, default: 0] += 1
                    if self.coverers[reference] == nil { self.coverers[reference] = coverer }
                    continue  // Whatever it covers, its coverer covers too.
                }
                byPath[path, default: []].append(reference)
                if case .regex = path { patterns.append(reference) }
            }
        }
    }

    /// One warning for each rule that can never match, in file order.
    func warnings(_ references: [RuleReference]) -> [ConfigProblem] {
        references.compactMap { reference in
            let rule = self.routes[reference.route].rules[reference.rule]
            if let reason = rule.match.contradiction {
                return ConfigProblem(
                    rule.location, "this rule can never match: \(reason)", severity: .warning)
            }
            guard let hosts = self.hostCounts[reference], self.coveredCounts[reference] == hosts,
                let coverer = self.coverers[reference]
            else { return nil }
            let earlier = self.routes[coverer.route].rules[coverer.rule].location
            let place = earlier.path.isEmpty ? "an earlier rule" : "`\(earlier.path)` (line \(earlier.line))"
            return ConfigProblem(
                rule.location, "this rule can never match: \(place) takes all of its requests",
                severity: .warning
            )
        }
    }

    private func match(_ reference: RuleReference) -> RuleMatch {
        self.routes[reference.route].rules[reference.rule].match
    }

    private mutating func coverer(
        of reference: RuleReference, _ path: RulePath, _ byPath: [RulePath: [RuleReference]],
        _ patterns: [RuleReference]
    ) -> RuleReference? {
        var wider: [RulePath] = [.any]
        switch path {
        case .none: return nil
        case .any: break
        case .regex: wider.append(path)
        case .prefix(let text): wider += Self.prefixes(of: text)
        case .exact(let text): wider += Self.prefixes(of: text) + [path]
        }
        let match = self.match(reference)
        for path in wider {
            for earlier in byPath[path] ?? [] {
                if self.comparisons > Self.comparisonLimit { return nil }
                if self.covers(earlier, match) { return earlier }
            }
        }
        guard case .exact(let text) = path else { return nil }
        for earlier in patterns {
            if self.comparisons > Self.comparisonLimit { return nil }
            guard self.covers(earlier, match) else { continue }
            guard case .regex(let pattern) = self.match(earlier).path else { continue }
            if self.patterns[pattern] == nil { self.patterns[pattern] = try? LinearRegex(pattern) }
            if let regex = self.patterns[pattern], text.withByteView(regex.matchesWhole) { return earlier }
        }
        return nil
    }

    private mutating func covers(_ earlier: RuleReference, _ later: RuleMatch) -> Bool {
        self.comparisons += 1
        return self.match(earlier).conditionsCover(later)
    }

    /// The prefixes that match `path`, itself among them.
    private static func prefixes(of path: String) -> [RulePath] {
        var found: [RulePath] = [.prefix("/")]
        var end = path.utf8.startIndex
        while end < path.utf8.endIndex {
            let next = path.utf8.index(after: end)
            end = path.utf8[next...].firstIndex(of: 0x2F) ?? path.utf8.endIndex
            found.append(.prefix(String(path[..<end])))
        }
        return found
    }
}
