import Filtering
import GatewayConfig
import Primitives

/// The meaning of routes in the plainest words: every host, every rule, one after the other, on text.
struct NaiveMatcher {
    struct Request {
        var host: String
        var method: String
        var path: String
        var query: [(String, String)]
        var headers: [(String, String)]
    }

    let routes: [RouteConfiguration]
    let patterns: [String: LinearRegex]

    func match(_ request: Request, listener: String) -> Int32 {
        let served = self.routes.filter { $0.listeners?.contains(listener) ?? true }
        guard let host = self.host(for: request.host, among: served.flatMap(\.hosts)) else { return -1 }
        var number: Int32 = -1
        for route in self.routes {
            let applies = (route.listeners?.contains(listener) ?? true) && route.hosts.contains(host)
            for rule in route.rules {
                number += 1
                if applies, self.meets(request, rule.match) { return number }
            }
        }
        return -1
    }

    private func host(for name: String, among hosts: [String]) -> String? {
        if hosts.contains(name) { return name }
        let wildcards = hosts.filter { $0.hasPrefix("*.") && name.hasSuffix($0.dropFirst()) }
        if let longest = wildcards.max(by: { $0.count < $1.count }) { return longest }
        return hosts.contains("*") ? "*" : nil
    }

    private func meets(_ request: Request, _ match: RuleMatch) -> Bool {
        switch match.path {
        case nil: break
        case .exact(let path): guard request.path == path else { return false }
        case .prefix(let path):
            guard path == "/" || request.path == path || request.path.hasPrefix(path + "/") else {
                return false
            }
        case .regex(let pattern): guard self.matches(pattern, request.path) else { return false }
        }
        guard match.methods.isEmpty || match.methods.contains(request.method) else { return false }
        return match.headers.allSatisfy { self.meets(request.headers, $0) }
            && match.query.allSatisfy { self.meets(request.query, $0) }
    }

    private func meets(_ pairs: [(String, String)], _ wanted: NamedMatch) -> Bool {
        let values = pairs.filter { $0.0 == wanted.name }.map(\.1)
        switch wanted.value {
        case .exact(let text): return values.contains(text)
        case .prefix(let text): return values.contains { $0.hasPrefix(text) }
        case .suffix(let text): return values.contains { $0.hasSuffix(text) }
        case .contains(let text): return values.contains { $0.contains(text) }
        case .regex(let pattern): return values.contains { self.matches(pattern, $0) }
        case .present: return !values.isEmpty
        case .absent: return values.isEmpty
        }
    }

    private func matches(_ pattern: String, _ text: String) -> Bool {
        self.patterns[pattern].map { text.withByteView($0.matchesWhole) } ?? false
    }
}
