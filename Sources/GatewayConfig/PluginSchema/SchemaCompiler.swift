/// Turns a schema's text into rules, and reports all that is wrong with it.
struct SchemaCompiler {
    private let root: ConfigNode
    private(set) var rules: [SchemaRule] = []
    private(set) var problems: [ConfigProblem] = []
    /// Rules of `$defs`, by name; they may refer to each other, and are compiled once.
    private var definitions: [String: Int] = [:]

    init(_ root: ConfigNode) { self.root = root }

    mutating func run() {
        _ = self.compile(self.root, isRoot: true)
        for member in self.root["$defs"]?.members ?? [] { _ = self.definition(member.key) }
        if self.problems.isEmpty { self.refuseEndlessReferences() }
    }

    private mutating func problem(_ node: ConfigNode, _ message: String) {
        self.problems.append(ConfigProblem(node.location, message))
    }

    // MARK: Schemas

    /// - Returns: The index of the new rule.
    private mutating func compile(_ node: ConfigNode, isRoot: Bool = false) -> Int {
        let index = self.rules.count
        self.rules.append(SchemaRule())
        var rule = SchemaRule()
        switch node.value {
        case .bool(let isAny): rule.isNever = !isAny
        case .object(let members):
            for member in members { self.compile(member, into: &rule, isRoot: isRoot) }
            if rule.isWriteOnly, rule.types != [.string] {
                self.problem(node, "`writeOnly` needs `type: string`")
            }
        default: self.problem(node, "a schema must be an object, true or false, got \(node.kind)")
        }
        self.rules[index] = rule
        return index
    }

    private mutating func compile(_ member: ConfigNode.Member, into rule: inout SchemaRule, isRoot: Bool) {
        let node = member.value
        switch member.key {
        case "type": rule.types = self.types(node)
        case "enum": rule.allowed = self.list(node)
        case "const": rule.allowed = [node]
        case "properties": rule.properties = self.object(node).map { ($0.key, self.compile($0.value)) }
        case "required": rule.required = self.strings(node)
        case "additionalProperties": rule.additional = self.compile(node)
        case "propertyNames": rule.propertyNames = self.compile(node)
        case "dependentRequired":
            rule.dependentRequired = self.object(node).map { ($0.key, self.strings($0.value)) }
        case "items": rule.items = self.compile(node)
        case "uniqueItems": rule.hasUniqueItems = self.bool(node)
        case "writeOnly": rule.isWriteOnly = self.bool(node)
        case "oneOf": rule.oneOf = self.list(node).map { self.compile($0) }
        case "anyOf": rule.anyOf = self.list(node).map { self.compile($0) }
        case "$ref": rule.reference = self.reference(node)
        case "pattern": rule.pattern = self.pattern(node)
        case "title": rule.title = self.string(node)
        case "$defs" where isRoot: _ = self.object(node)
        case "$schema", "$id", "$comment", "description", "default", "examples", "deprecated": break
        default:
            if !self.compileBound(member.key, node, into: &rule) {
                self.problems.append(
                    ConfigProblem(member.keyLocation, "the keyword `\(member.key)` is not supported"))
            }
        }
    }

    /// Keywords whose value is a number.
    private mutating func compileBound(_ key: String, _ node: ConfigNode, into rule: inout SchemaRule) -> Bool
    {
        switch key {
        case "minimum": rule.minimum = self.number(node)
        case "maximum": rule.maximum = self.number(node)
        case "exclusiveMinimum": rule.exclusiveMinimum = self.number(node)
        case "exclusiveMaximum": rule.exclusiveMaximum = self.number(node)
        case "minLength": rule.length = self.count(node, least: rule.length)
        case "maxLength": rule.length = self.count(node, most: rule.length)
        case "minItems": rule.itemCount = self.count(node, least: rule.itemCount)
        case "maxItems": rule.itemCount = self.count(node, most: rule.itemCount)
        case "minProperties": rule.propertyCount = self.count(node, least: rule.propertyCount)
        case "maxProperties": rule.propertyCount = self.count(node, most: rule.propertyCount)
        default: return false
        }
        return true
    }

    // MARK: References

    private mutating func reference(_ node: ConfigNode) -> Int? {
        guard case .string(let target) = node.value else {
            self.problem(node, "must be a string, got \(node.kind)")
            return nil
        }
        if target == "#" { return 0 }
        let prefix = "#/$defs/"
        if target.hasPrefix(prefix), let found = self.definition(String(target.dropFirst(prefix.count))) {
            return found
        }
        self.problem(node, "must be `#` or `#/$defs/NAME` with a name that is there, got \(node.shown)")
        return nil
    }

    private mutating func definition(_ name: String) -> Int? {
        if let known = self.definitions[name] { return known }
        guard let node = self.root["$defs"]?[name] else { return nil }
        self.definitions[name] = self.rules.count  // Before compiling, which may come back here.
        return self.compile(node)
    }

    /// A schema that leads to itself without going into a value would never end.
    private mutating func refuseEndlessReferences() {
        var state = [Int](repeating: 0, count: self.rules.count)
        func leadsToItself(_ index: Int) -> Bool {
            if state[index] == 1 { return true }
            if state[index] == 2 { return false }
            state[index] = 1
            defer { state[index] = 2 }
            return self.rules[index].inPlace.contains { leadsToItself($0) }
        }
        if self.rules.indices.contains(where: { leadsToItself($0) }) {
            self.problem(self.root, "a `$ref` leads to itself")
        }
    }

    // MARK: Values of keywords

    private mutating func types(_ node: ConfigNode) -> [SchemaRule.JSONType] {
        let names: [ConfigNode]
        if case .array(let several) = node.value { names = several } else { names = [node] }
        return names.compactMap { name in
            if case .string(let text) = name.value, let type = SchemaRule.JSONType(rawValue: text) {
                return type
            }
            let known = Spelling.alternatives(SchemaRule.JSONType.allCases.map(\.rawValue))
            self.problem(name, "must be \(known), got \(name.shown)")
            return nil
        }
    }

    private mutating func pattern(_ node: ConfigNode) -> (String, TextPattern)? {
        guard let text = self.string(node) else { return nil }
        let compiled = TextPattern(text)
        if let why = compiled.problem { self.problem(node, "is no valid expression: \(why)") }
        return (text, compiled)
    }

    private mutating func count(
        _ node: ConfigNode, least range: ClosedRange<Int>?
    ) -> ClosedRange<Int>? {
        guard let count = self.count(node) else { return range }
        return count...max(count, range?.upperBound ?? .max)
    }

    private mutating func count(_ node: ConfigNode, most range: ClosedRange<Int>?) -> ClosedRange<Int>? {
        guard let count = self.count(node) else { return range }
        return min(count, range?.lowerBound ?? 0)...count
    }

    private mutating func count(_ node: ConfigNode) -> Int? {
        if case .integer(let count) = node.value, count >= 0 { return count }
        self.problem(node, "must be a whole number of at least 0, got \(node.shown)")
        return nil
    }

    private mutating func number(_ node: ConfigNode) -> Double? {
        switch node.value {
        case .integer(let integer): return Double(integer)
        case .number(let number): return number
        default:
            self.problem(node, "must be a number, got \(node.shown)")
            return nil
        }
    }

    private mutating func bool(_ node: ConfigNode) -> Bool {
        if case .bool(let bool) = node.value { return bool }
        self.problem(node, "must be true or false, got \(node.shown)")
        return false
    }

    private mutating func string(_ node: ConfigNode) -> String? {
        if case .string(let text) = node.value { return text }
        self.problem(node, "must be a string, got \(node.shown)")
        return nil
    }

    private mutating func strings(_ node: ConfigNode) -> [String] {
        self.list(node).compactMap { self.string($0) }
    }

    private mutating func list(_ node: ConfigNode) -> [ConfigNode] {
        if case .array(let nodes) = node.value { return nodes }
        self.problem(node, "must be a list, got \(node.shown)")
        return []
    }

    private mutating func object(_ node: ConfigNode) -> [ConfigNode.Member] {
        if case .object(let members) = node.value { return members }
        self.problem(node, "must be an object, got \(node.shown)")
        return []
    }
}
