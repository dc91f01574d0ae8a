internal import GatewayConfig

/// The path of a rule as the table sees it.
enum RulePath: Hashable {
    case any
    case exact(String)
    /// Without a final "/", unless it is "/" itself: `/api/` means what `/api` does (as in the Gateway API).
    case prefix(String)
    case regex(String)
    /// No path can match: paths begin with "/" and hold no "?" and no "#".
    case none

    init(_ path: PathMatch?) {
        switch path {
        case nil: self = .any
        case .regex(let pattern): self = .regex(pattern)
        case .exact(let path): self = Self.isPossible(path) ? .exact(path) : .none
        case .prefix(let path):
            var prefix = path
            while prefix.utf8.count > 1, prefix.hasSuffix("/") { prefix.removeLast() }
            self = Self.isPossible(path) ? .prefix(prefix) : .none
        }
    }

    private static func isPossible(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.utf8.contains { $0 == 0x3F || $0 == 0x23 }
    }
}
