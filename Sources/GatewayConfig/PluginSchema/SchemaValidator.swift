/// Holds a value against a schema's rules.
struct SchemaValidator {
    let rules: [SchemaRule]
    private(set) var problems: [ConfigProblem] = []

    init(rules: [SchemaRule]) { self.rules = rules }

    /// Adds what is wrong with `node` to the problems.
    mutating func validate(_ node: ConfigNode, _ index: Int) {
        let isSecret = self.isSecret(index)
        if isSecret, SecretReference(node) != nil { return }
        self.validate(node, index, isSecret: isSecret)
    }

    /// Whether some rule for the same value calls it a secret.
    private func isSecret(_ index: Int) -> Bool {
        let rule = self.rules[index]
        return rule.isWriteOnly || rule.inPlace.contains { self.isSecret($0) }
    }

    private mutating func validate(_ node: ConfigNode, _ index: Int, isSecret: Bool) {
        let rule = self.rules[index]
        let got = isSecret ? node.kind : node.shown
        if rule.isNever {
            self.problem(node, "is not allowed here")
            return
        }
        guard self.hasType(node, rule, isSecret: isSecret) else { return }
        if let allowed = rule.allowed, !allowed.contains(where: { $0.isSame(as: node) }) {
            let words = allowed.map { "`\($0.plain)`" }
            let list = words.count == 1 ? words.joined() : "one of \(words.joined(separator: ", "))"
            self.problem(node, "must be \(list), got \(got)")
        }
        switch node.value {
        case .integer(let integer): self.checkNumber(Double(integer), node, rule)
        case .number(let number): self.checkNumber(number, node, rule)
        case .string(let text): self.checkText(text, node, rule, got: got)
        case .secret(let secret): self.checkText(secret.reveal(), node, rule, got: got)
        case .array(let elements): self.checkList(elements, node, rule)
        case .object(let members): self.checkObject(members, node, rule)
        case .null, .bool: break
        }
        if let reference = rule.reference { self.validate(node, reference, isSecret: isSecret) }
        self.checkForms(node, rule, isSecret: isSecret)
    }

    private mutating func problem(_ node: ConfigNode, _ message: String) {
        self.problems.append(ConfigProblem(node.location, message))
    }

    private mutating func hasType(_ node: ConfigNode, _ rule: SchemaRule, isSecret: Bool) -> Bool {
        if rule.types.isEmpty || rule.types.contains(where: { node.has($0) }) { return true }
        let nouns = rule.types.map(\.noun).joined(separator: " or ")
        let secret = isSecret ? ", `{ file: PATH }` or `{ env: NAME }`" : ""
        self.problem(node, "must be \(nouns)\(secret), got \(isSecret ? node.kind : node.shown)")
        return false
    }

    // MARK: By kind of value

    private mutating func checkNumber(_ number: Double, _ node: ConfigNode, _ rule: SchemaRule) {
        let bounds: [(limit: Double?, words: String, holds: (Double) -> Bool)] = [
            (rule.minimum, "at least", { number >= $0 }),
            (rule.maximum, "at most", { number <= $0 }),
            (rule.exclusiveMinimum, "more than", { number > $0 }),
            (rule.exclusiveMaximum, "less than", { number < $0 }),
        ]
        for bound in bounds {
            guard let limit = bound.limit, !bound.holds(limit) else { continue }
            let shown = Int(exactly: limit).map(String.init) ?? "\(limit)"
            self.problem(node, "must be \(bound.words) \(shown), got \(node.shown)")
        }
    }

    private mutating func checkText(_ text: String, _ node: ConfigNode, _ rule: SchemaRule, got: String) {
        if let length = rule.length {
            let count = text.unicodeScalars.count
            if count < length.lowerBound {
                let rule =
                    length.lowerBound == 1
                    ? "must not be empty" : "must have at least \(length.lowerBound) characters"
                self.problem(node, rule)
            }
            if count > length.upperBound {
                self.problem(node, "must have at most \(length.upperBound) characters")
            }
        }
        if let pattern = rule.pattern, !pattern.compiled.matchesPart(of: text) {
            self.problem(node, "must match `\(pattern.text)`, got \(got)")
        }
    }

    private mutating func checkList(_ elements: [ConfigNode], _ node: ConfigNode, _ rule: SchemaRule) {
        self.checkCount(elements.count, rule.itemCount, node, "elements")
        if rule.hasUniqueItems {
            var seen: Set<ConfigNode> = []
            for element in elements where !seen.insert(element).inserted {
                self.problem(element, "stands in this list before")
            }
        }
        guard let items = rule.items else { return }
        for element in elements { self.validate(element, items) }
    }

    private mutating func checkObject(_ members: [ConfigNode.Member], _ node: ConfigNode, _ rule: SchemaRule)
    {
        self.checkCount(members.count, rule.propertyCount, node, "keys")
        for key in rule.required where node[key] == nil { self.problem(node, "`\(key)` is missing") }
        for (key, needed) in rule.dependentRequired {
            guard let member = members.first(where: { $0.key == key }) else { continue }
            for other in needed where node[other] == nil {
                self.problems.append(ConfigProblem(member.keyLocation, "has no meaning without `\(other)`"))
            }
        }
        let known = rule.properties.map(\.key)
        for member in members {
            if let names = rule.propertyNames {
                self.validate(ConfigNode(.string(member.key), at: member.keyLocation), names)
            }
            if let additional = rule.additional, self.rules[additional].isNever, !known.contains(member.key) {
                let hint = Spelling.hint(for: member.key, among: known)
                self.problems.append(ConfigProblem(member.keyLocation, "unknown key\(hint)"))
                continue
            }
            for index in rule.rules(forMember: member.key) { self.validate(member.value, index) }
        }
    }

    private mutating func checkCount(
        _ count: Int, _ range: ClosedRange<Int>?, _ node: ConfigNode, _ what: String
    ) {
        guard let range else { return }
        if count < range.lowerBound {
            self.problem(node, "must have at least \(range.lowerBound) \(what), got \(count)")
        }
        if count > range.upperBound {
            self.problem(node, "must have at most \(range.upperBound) \(what), got \(count)")
        }
    }

    // MARK: oneOf, anyOf

    private mutating func checkForms(_ node: ConfigNode, _ rule: SchemaRule, isSecret: Bool) {
        for (branches, isExclusive) in [(rule.oneOf, true), (rule.anyOf, false)] where !branches.isEmpty {
            let results = branches.map { self.problems(of: node, $0, isSecret: isSecret) }
            let matches = results.count { $0.isEmpty }
            if matches == 0 {
                self.explain(node, branches, results)
            } else if isExclusive, matches > 1 {
                self.problem(node, "fits \(matches) of the forms that exclude each other")
            }
        }
    }

    private func problems(of node: ConfigNode, _ index: Int, isSecret: Bool) -> [ConfigProblem] {
        var branch = SchemaValidator(rules: self.rules)
        branch.validate(node, index, isSecret: isSecret)
        return branch.problems
    }

    /// Shows the problems of the one form that fits the value itself and fails within it, else names the
    /// forms.
    private mutating func explain(_ node: ConfigNode, _ branches: [Int], _ results: [[ConfigProblem]]) {
        let fitting = results.filter { problems in problems.allSatisfy { $0.path != node.location.path } }
        if fitting.count == 1, let problems = fitting.first {
            self.problems += problems
            return
        }
        let titles = branches.compactMap { self.rules[$0].title }
        let names = titles.count == branches.count ? ": \(titles.joined(separator: ", "))" : ""
        let first = results.first?.first.map { " (the first: \($0.message))" } ?? ""
        self.problem(node, "fits none of the \(branches.count) allowed forms\(names.isEmpty ? first : names)")
    }
}

extension ConfigNode {
    /// Whether JSON Schema counts the value to a type: 1.0 is an integer.
    fileprivate func has(_ type: SchemaRule.JSONType) -> Bool {
        switch (self.value, type) {
        case (.null, .null), (.bool, .boolean), (.integer, .integer), (.integer, .number), (.number, .number),
            (.string, .string), (.secret, .string), (.array, .array), (.object, .object):
            true
        case (.number(let number), .integer): number == number.rounded()
        default: false
        }
    }

    /// Whether JSON Schema calls both equal: 1 is 1.0.
    fileprivate func isSame(as other: ConfigNode) -> Bool {
        switch (self.value, other.value) {
        case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)): Double(a) == b
        default: self == other
        }
    }

    /// A text as it is, anything else as JSON.
    fileprivate var plain: String {
        if case .string(let text) = self.value { return text }
        return self.json()
    }
}
