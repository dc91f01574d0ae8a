public import PosternSDK

/// How much of one quota may be used in a time: the same for all dimensions, but for overrides.
public struct QuotaRule: Sendable {
    /// What is counted against.
    public struct Limit: Sendable, Hashable {
        /// The most in one window.
        public let max: Int
        /// The window, in nanoseconds.
        public let window: Int64
        /// Whether the window moves on with time, instead of beginning anew.
        public let isRolling: Bool

        /// A limit.
        public init(max: Int, window: Int64, isRolling: Bool) {
            self.max = max
            self.window = window
            self.isRolling = isRolling
        }
    }

    /// As configurations have it.
    public struct Config: Decodable, Sendable {
        struct Override: Decodable, Sendable {
            let dimensions: [String: String]
            let max: Int
            let per: Duration?
        }
        enum Algorithm: String, Decodable, Sendable { case fixed, rolling }

        let name: String
        let max: Int
        let per: Duration
        let algorithm: Algorithm?
        let overrides: [Override]?
    }

    private let limit: Limit
    private let overrides: [(dimensions: [(name: String, value: [UInt8])], limit: Limit)]

    /// Rules by the names of instances.
    ///
    /// - Throws: ``ConfigProblem`` for a number out of range or a name that stands twice.
    public static func table(_ configs: [Config]) throws(ConfigProblem) -> [String: QuotaRule] {
        if configs.isEmpty { throw ConfigProblem("/quotas", "must not be empty") }
        var rules: [String: QuotaRule] = [:]
        for (index, config) in configs.enumerated() {
            let rule = try QuotaRule(config, at: "/quotas/\(index)")
            guard rules.updateValue(rule, forKey: config.name) == nil else {
                throw ConfigProblem("/quotas/\(index)/name", "'\(config.name)' stands twice")
            }
        }
        return rules
    }

    private init(_ config: Config, at pointer: String) throws(ConfigProblem) {
        let isRolling = config.algorithm == .rolling
        self.limit = try Self.limit(config.max, config.per, isRolling, at: pointer)
        var overrides: [(dimensions: [(name: String, value: [UInt8])], limit: Limit)] = []
        for (index, override) in (config.overrides ?? []).enumerated() {
            let place = "\(pointer)/overrides/\(index)"
            if override.dimensions.isEmpty {
                throw ConfigProblem("\(place)/dimensions", "must name at least one dimension")
            }
            overrides.append(
                (
                    override.dimensions.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) },
                    try Self.limit(override.max, override.per ?? config.per, isRolling, at: place)
                ))
        }
        self.overrides = overrides
    }

    private static func limit(
        _ max: Int, _ per: Duration, _ isRolling: Bool, at pointer: String
    ) throws(ConfigProblem) -> Limit {
        guard (0...1_000_000_000).contains(max) else {
            throw ConfigProblem("\(pointer)/max", "must be 0...1000000000, got \(max)")
        }
        guard per >= .milliseconds(10), per <= .seconds(31 * 86_400) else {
            throw ConfigProblem("\(pointer)/per", "must be 10ms...744h")
        }
        return Limit(max: max, window: per.wholeNanoseconds, isRolling: isRolling)
    }

    /// The limit for a record: that of the first override whose dimensions it has.
    public func limit(of record: Record) -> Limit {
        for override in self.overrides where Self.fit(override.dimensions, record) { return override.limit }
        return self.limit
    }

    private static func fit(_ dimensions: [(name: String, value: [UInt8])], _ record: Record) -> Bool {
        for dimension in dimensions {
            guard let index = record.shape.column(dimension.name) else { return false }
            var text: [UInt8] = []
            record[index].append(to: &text)
            if text != dimension.value { return false }
        }
        return true
    }

    /// JSON Schema of a list of ``Config``.
    public static let schema = """
        {
          "type": "array", "minItems": 1, "description": "What is counted.",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "max", "per"],
            "properties": {
              "name": {
                "type": "string", "minLength": 1,
                "description": "The name of an instance of the template quota."
              },
              "max": {
                "type": "integer", "minimum": 0, "maximum": 1000000000,
                "description": "The most that is granted in the time, to each set of dimensions."
              },
              "per": {
                "type": "string", "minLength": 2, "description": "The time, as 1s or 1h: 10ms...744h."
              },
              "algorithm": {
                "type": "string", "enum": ["fixed", "rolling"], "default": "fixed",
                "description": "fixed: a time begins with the first grant; rolling: any stretch of it counts."
              },
              "overrides": {
                "type": "array",
                "description": "Other amounts for some dimensions; the first that fits counts.",
                "items": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["dimensions", "max"],
                  "properties": {
                    "dimensions": {
                      "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" },
                      "description": "Names and values that the instance must have."
                    },
                    "max": {
                      "type": "integer", "minimum": 0, "maximum": 1000000000, "description": "As above."
                    },
                    "per": { "type": "string", "description": "As above; the quota's own without it." }
                  }
                }
              }
            }
          }
        }
        """
}
