internal import Adapting
internal import Expressions
internal import GatewayConfig

/// Compiles the instances of a configuration.
struct InstanceCompiler {
    private var reader: ParamReader
    private let instance: InstanceConfiguration
    private let params: ConfigNode

    /// - Returns: nil with problems.
    static func compile(
        _ instance: InstanceConfiguration, _ manifest: AttributeManifest, keeping old: InstancePlan?
    ) -> (plan: InstancePlan?, problems: [ConfigProblem]) {
        let source = "\(instance.template) \(instance.params.json()) \(instance.attributeBindings.json())"
        if let old, old.source == source, old.name == instance.name { return (old, []) }
        guard let template = Template(name: instance.template) else { return (nil, []) }
        var compiler = Self(instance, manifest)
        let plan = compiler.plan(template, source: source)
        let problems = compiler.reader.problems
        return (problems.isEmpty ? plan : nil, problems)
    }

    private init(_ instance: InstanceConfiguration, _ manifest: AttributeManifest) {
        self.reader = ParamReader(manifest)
        self.instance = instance
        self.params = instance.params
    }

    private mutating func plan(_ template: Template, source: String) -> InstancePlan {
        var columns: [RecordColumn] = []
        var fields: ContiguousArray<Expression?> = []
        for (column, standard) in zip(template.columns, template.standardExpressions) {
            columns.append(column)
            fields.append(self.field(column, at: template.place(of: column.name), standard))
        }
        let own = template.namedColumns.flatMap { place in
            self.reader.object(self.params.node(at: place.path)).map { (place.prefix + $0.key, $0.value) }
        }
        for (name, node) in own + self.freeParams(template) {
            let expression = self.reader.compile(node)
            columns.append(RecordColumn(name, expression?.type.column ?? .any))
            fields.append(expression)
        }
        self.checkKeys(template)
        let metric = template == .metric ? self.metric() : nil
        return InstancePlan(
            name: self.instance.name,
            shape: RecordShape(
                template, name: metric?.name ?? self.instance.name, columns: columns, series: metric?.series),
            fields: fields, metric: metric?.plan, quota: template == .quota ? self.quota() : nil,
            bindings: self.bindings(template), source: source)
    }

    private mutating func field(_ column: RecordColumn, at path: [String], _ standard: String?) -> Expression?
    {
        guard let node = self.params.node(at: path) else {
            return standard.flatMap { self.reader.compile(ConfigNode(.string($0))) }
        }
        return self.reader.compile(
            node, expecting: column.type.expressionTypes, "`\(path.joined(separator: "."))`")
    }

    /// With `attributes`, every param is a column.
    private func freeParams(_ template: Template) -> [(String, ConfigNode)] {
        template == .attributes ? self.params.objectMembers.map { ($0.key, $0.value) } : []
    }

    private mutating func checkKeys(_ template: Template) {
        if template == .attributes { return }
        let paths =
            template.columns.map { template.place(of: $0.name) } + template.namedColumns.map(\.path)
            + template.literals.map { [$0] }
        self.reader.allow(paths.compactMap(\.first).unique, in: self.params)
        for outer in Set(paths.filter { $0.count > 1 }.compactMap(\.first)) {
            guard let node = self.params[outer] else { continue }
            self.reader.allow(paths.filter { $0.first == outer }.compactMap(\.last), in: node)
        }
    }

    // MARK: What templates have beside expressions

    private mutating func metric() -> (name: String, plan: MetricPlan, series: SeriesDefinition)? {
        let value = self.params["value"].flatMap {
            self.reader.compile($0, expecting: [.int, .double, .duration], "`value`")
        }
        let kind: SeriesDefinition.Kind =
            switch self.word("kind", ["counter", "gauge", "histogram"]) {
            case "gauge": .gauge
            case "histogram": .histogram
            default: .counter
            }
        let unit = self.text("unit") ?? (value?.type == .duration ? "ms" : "")
        let written = self.bounds(kind)
        let name = self.text("name") ?? self.instance.name.metricName
        if name != name.metricName || name.isEmpty {
            let node = self.params["name"]
            self.reader.problem(
                node?.location ?? self.instance.location,
                "a metric's name must match [a-zA-Z_][a-zA-Z0-9_]*, got \"\(name)\"")
        }
        let divisors: [String: UInt64] = ["ns": 1, "us": 1000, "ms": 1_000_000, "s": 1_000_000_000]
        if value?.type == .duration, divisors[unit] == nil, let node = self.params["unit"] {
            self.reader.problem(
                node.location, "the unit of a duration must be ns, us, ms or s, got \"\(unit)\"")
        }
        for member in self.params["dimensions"]?.objectMembers ?? []
        where member.key != member.key.metricName || member.key == "le" || member.key.isEmpty {
            self.reader.problem(
                member.keyLocation, "a dimension's name must match [a-zA-Z_][a-zA-Z0-9_]* and not be `le`")
        }
        let scale = value?.type == .double ? 1_000_000 : MetricPlan.scale(of: written)
        let plan =
            value?.type == .duration
            ? MetricPlan(value: value, scale: 1, divisor: divisors[unit] ?? 1)
            : MetricPlan(value: value, scale: scale, divisor: scale)
        let series = SeriesDefinition(
            kind: kind, help: self.text("help") ?? "", unit: unit, bounds: self.countable(written, plan))
        return (name, plan, series)
    }

    /// Bounds that stay apart when they are counted; a problem where they do not.
    private mutating func countable(_ bounds: [Double], _ plan: MetricPlan) -> [Double] {
        guard let node = self.params["bounds"] else {
            // Of nanoseconds there is no half.
            return bounds.filter { ($0 * Double(plan.divisor)).rounded() == $0 * Double(plan.divisor) }
        }
        let counted = bounds.compactMap(plan.counted)
        if counted.count == bounds.count, zip(counted, counted.dropFirst()).allSatisfy({ $0 < $1 }) {
            return bounds
        }
        self.reader.problem(
            node.location,
            "this metric counts in steps of \(plan.step): bounds must be at least a step apart and at most "
                + "\(UInt64(Int64.max) / plan.divisor), got \(node.json())")
        return []
    }

    private mutating func bounds(_ kind: SeriesDefinition.Kind) -> [Double] {
        guard let node = self.params["bounds"] else { return kind == .histogram ? standardBounds : [] }
        guard kind == .histogram else {
            self.reader.problem(node.location, "`bounds` has no meaning without `kind: histogram`")
            return []
        }
        var bounds: [Double] = []
        if case .array(let elements) = node.value {
            for element in elements {
                switch element.value {
                case .integer(let number): bounds.append(Double(number))
                case .number(let number): bounds.append(number)
                default: break
                }
            }
            if bounds.count == elements.count, (1...60).contains(bounds.count),
                zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), bounds.allSatisfy({ $0 >= 0 })
            {
                return bounds
            }
        }
        self.reader.problem(node.location, "must be a list of 1...60 ascending numbers that are not negative")
        return []
    }

    private mutating func quota() -> QuotaPlan {
        QuotaPlan(
            amount: self.params["amount"].flatMap { self.reader.compile($0, expecting: [.int], "`amount`") },
            isBestEffort: self.word("bestEffort", ["true", "false"]) == "true",
            deduplication: self.params["deduplication"].flatMap {
                self.reader.compile($0, expecting: [.string, .int], "`deduplication`")
            }, prefetch: self.number("prefetch", 0...1_000_000) ?? 0)
    }

    private mutating func bindings(_ template: Template) -> [AttributeBinding] {
        let node = self.instance.attributeBindings
        guard template == .attributes else {
            if !node.objectMembers.isEmpty {
                self.reader.problem(
                    node.location, "`attributeBindings` has no meaning without `template: attributes`")
            }
            return []
        }
        return node.objectMembers.compactMap { member in
            guard let id = self.reader.manifest.id(member.key) else {
                let names = self.reader.manifest.entries.map(\.name)
                self.reader.problem(
                    member.keyLocation,
                    "unknown attribute `\(member.key)`\(Spelling.hint(for: member.key, among: names))")
                return nil
            }
            let type = self.reader.manifest[id].type
            guard type.column != .any else {
                self.reader.problem(
                    member.keyLocation,
                    "attribute `\(member.key)` is of type `\(type)`, which no adapter makes")
                return nil
            }
            guard let text = member.value.expressionText, text.hasPrefix("$out."), text.count > 5 else {
                self.reader.problem(member.value.location, "must be `$out.` and a value of the adapter")
                return nil
            }
            return AttributeBinding(attribute: id, type: type.column, output: String(text.dropFirst(5)))
        }
    }

    // MARK: Literals

    private mutating func text(_ key: String) -> String? {
        guard let node = self.params[key] else { return nil }
        if case .string(let text) = node.value { return text }
        self.reader.problem(node.location, "must be a text, got \(node.kind)")
        return nil
    }

    private mutating func word(_ key: String, _ words: [String]) -> String? {
        guard let node = self.params[key] else { return nil }
        if let text = node.expressionText, words.contains(text) { return text }
        self.reader.problem(node.location, "must be \(words.joined(separator: ", ")), got \(node.json())")
        return nil
    }

    private mutating func number(_ key: String, _ range: ClosedRange<Int>) -> UInt64? {
        guard let node = self.params[key] else { return nil }
        if case .integer(let number) = node.value, range.contains(number) { return UInt64(number) }
        self.reader.problem(
            node.location,
            "must be a whole number in \(range.lowerBound)...\(range.upperBound), got \(node.json())")
        return nil
    }
}

/// Istio's, which are Envoy's: for times in milliseconds and for sizes in bytes.
let standardBounds: [Double] = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
    1_800_000, 3_600_000,
]

extension Array where Element == String {
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return self.filter { seen.insert($0).inserted }
    }
}

extension String {
    /// The text with what no name of a metric has replaced.
    fileprivate var metricName: String {
        let isAllowed = { (byte: UInt8, isFirst: Bool) in
            byte & 0xDF &- 0x41 < 26 || byte == 0x5F || (!isFirst && byte &- 0x30 < 10)
        }
        let bytes = self.utf8.enumerated().map { isAllowed($0.element, $0.offset == 0) ? $0.element : 0x5F }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ConfigNode {
    fileprivate func node(at path: [String]) -> ConfigNode? {
        path.reduce(self) { node, key in node?[key] }
    }
}

extension RecordValueType {
    /// What an expression for such a column may be.
    fileprivate var expressionTypes: [ExpressionType] {
        switch self {
        case .any: []
        case .string: [.string, .bytes]
        case .int64: [.int, .uint]
        case .double: [.double, .int]
        case .bool: [.bool]
        case .timestamp: [.timestamp]
        case .duration: [.duration]
        case .ipAddress: [.ip]
        }
    }
}
