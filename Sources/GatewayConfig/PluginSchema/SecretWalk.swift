/// Finds the secrets of a value by a schema, and puts something in their place.
struct SecretWalk {
    let rules: [SchemaRule]

    /// The value with `change` applied to all that some rule calls a secret.
    ///
    /// Every form of `oneOf` and `anyOf` counts, whether or not the value fits it: rather one secret too
    /// many.
    func map(_ node: ConfigNode, change: (ConfigNode) -> ConfigNode) -> ConfigNode {
        self.map(node, rules: self.closure(of: [0]), change: change)
    }

    private func map(_ node: ConfigNode, rules: [Int], change: (ConfigNode) -> ConfigNode) -> ConfigNode {
        if rules.isEmpty { return node }
        if rules.contains(where: { self.rules[$0].isWriteOnly }) { return change(node) }
        var copy = node
        switch node.value {
        case .array(let elements):
            let inner = self.closure(of: rules.compactMap { self.rules[$0].items })
            copy.value = .array(elements.map { self.map($0, rules: inner, change: change) })
        case .object(let members):
            let changed = members.map { member in
                var copy = member
                let inner = self.closure(of: rules.flatMap { self.rules[$0].rules(forMember: member.key) })
                copy.value = self.map(member.value, rules: inner, change: change)
                return copy
            }
            copy.value = .object(changed)
        case .null, .bool, .integer, .number, .string, .secret: break
        }
        return copy
    }

    /// The rules, and those that hold for the same value with them.
    private func closure(of start: [Int]) -> [Int] {
        var found: [Int] = []
        var open = start
        while let next = open.popLast() {
            if found.contains(next) { continue }
            found.append(next)
            open += self.rules[next].inPlace
        }
        return found
    }
}
