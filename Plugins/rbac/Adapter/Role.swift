internal import PluginSupport
internal import PosternSDK

/// What may be done.
struct Role: Sendable {
    struct Config: Decodable, Sendable {
        struct Rule: Decodable, Sendable {
            let services: [String]
            let methods: [String]?
            let paths: [String]?
            let constraints: [Constraint]?
        }
        struct Constraint: Decodable, Sendable {
            let key: String
            let values: [String]
        }

        let name: String
        let namespace: String?
        let rules: [Rule]
    }

    /// All that is not nil must fit.
    private struct Rule: Sendable {
        let services: [Glob]
        let methods: [Glob]?
        let paths: [Glob]?
        let constraints: [(property: String, values: [Glob])]
    }

    private let namespace: [Glob]?
    private let rules: [Rule]

    /// - Throws: ``ConfigProblem`` for a list that allows nothing, because it is empty.
    init(_ config: Config, at pointer: String) throws(ConfigProblem) {
        if config.rules.isEmpty { throw ConfigProblem("\(pointer)/rules", "must have at least one rule") }
        self.namespace = config.namespace.map { [Glob($0)] }
        var rules: [Rule] = []
        for (index, rule) in config.rules.enumerated() {
            let place = "\(pointer)/rules/\(index)"
            for (key, list) in [
                ("services", Optional(rule.services)), ("methods", rule.methods), ("paths", rule.paths),
            ] where list?.isEmpty == true {
                throw ConfigProblem("\(place)/\(key)", "must not be empty; write [\"*\"] for all")
            }
            for (number, constraint) in (rule.constraints ?? []).enumerated()
            where constraint.values.isEmpty || constraint.key.isEmpty {
                throw ConfigProblem("\(place)/constraints/\(number)", "must have a key and values")
            }
            rules.append(
                Rule(
                    services: rule.services.map { Glob($0) }, methods: rule.methods?.map { Glob($0) },
                    paths: rule.paths?.map { Glob($0) },
                    constraints: (rule.constraints ?? []).map {
                        ("action.\($0.key)", $0.values.map { Glob($0) })
                    }))
        }
        self.rules = rules
    }

    /// Whether one of its rules allows what the record says.
    func allows(_ record: Record) -> Bool {
        if let namespace, !record.column(Column.namespace, fits: namespace) { return false }
        for rule in self.rules where Self.allows(rule, record) { return true }
        return false
    }

    private static func allows(_ rule: Rule, _ record: Record) -> Bool {
        guard record.column(Column.service, fits: rule.services) else { return false }
        if let methods = rule.methods, !record.column(Column.method, fits: methods) { return false }
        if let paths = rule.paths, !record.column(Column.path, fits: paths) { return false }
        for constraint in rule.constraints
        where !record.property(constraint.property, fits: constraint.values) { return false }
        return true
    }
}
