internal import GatewayConfig
internal import Primitives

extension RuleMatch {
    /// Why no request can meet all conditions; nil when one can.
    var contradiction: String? {
        if RulePath(self.path) == .none {
            return "a path begins with \"/\" and holds neither \"?\" nor \"#\""
        }
        let header = Self.contradiction(self.headers.map { NamedMatch($0.name.lowercased(), $0.value) })
        if let header { return "header `\(header)` cannot be both absent and there" }
        if let parameter = Self.contradiction(self.query) {
            return "query parameter `\(parameter)` cannot be both absent and there"
        }
        return nil
    }

    private static func contradiction(_ conditions: [NamedMatch]) -> String? {
        let absent = Set(conditions.filter { $0.value == .absent }.map(\.name))
        return conditions.first { $0.value != .absent && absent.contains($0.name) }?.name
    }

    /// Whether every request that meets `later`'s methods, fields and query meets these too; paths are not
    /// compared.
    func conditionsCover(_ later: RuleMatch) -> Bool {
        if !self.methods.isEmpty {
            guard !later.methods.isEmpty, Set(later.methods).isSubset(of: self.methods) else { return false }
        }
        return self.headers.allSatisfy { wanted in
            later.headers.contains {
                $0.name.lowercased() == wanted.name.lowercased() && $0.value.implies(wanted.value)
            }
        }
            && self.query.allSatisfy { wanted in
                later.query.contains { $0.name == wanted.name && $0.value.implies(wanted.value) }
            }
    }
}

extension ValueMatch {
    /// Whether a value that meets this condition always meets `other`; false when that is not sure.
    func implies(_ other: ValueMatch) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.absent, _), (_, .absent): return false
        case (_, .present): return true
        case (.exact(let text), .prefix(let part)), (.prefix(let text), .prefix(let part)):
            return text.utf8.starts(with: part.utf8)
        case (.exact(let text), .suffix(let part)), (.suffix(let text), .suffix(let part)):
            return text.utf8.reversed().starts(with: part.utf8.reversed())
        case (.exact(let text), .contains(let part)), (.prefix(let text), .contains(let part)),
            (.suffix(let text), .contains(let part)), (.contains(let text), .contains(let part)):
            return text.withByteView { text in part.withByteView { text.contains($0) } }
        case (.exact(let text), .regex(let pattern)):
            return (try? LinearRegex(pattern)).map { text.withByteView($0.matchesWhole) } ?? false
        default: return false
        }
    }
}
