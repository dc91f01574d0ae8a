/// Finds out what each name and call of an expression is, and of which type.
///
/// Without `isChecked`, what has no meaning becomes an error of the evaluation instead of a problem.
struct Checker {
    struct Local {
        let name: String
        let slot: Int
        let type: ExpressionType
    }

    private static let problemLimit = 20

    let manifest: AttributeManifest
    let table = FunctionTable.standard
    let source: SourceText
    let isChecked: Bool
    var unifier = TypeUnifier()
    var problems: [ExpressionProblem] = []
    var locals: [Local] = []
    /// The most variables of macros that are alive at once.
    var slotCount = 0
    private var checked: [SyntaxNode] = []

    init(_ source: SourceText, _ manifest: AttributeManifest, isChecked: Bool) {
        self.source = source
        self.manifest = manifest
        self.isChecked = isChecked
    }

    /// Checks the whole expression; afterwards every node has its final type.
    mutating func run(_ root: SyntaxNode, expecting expected: ExpressionType?) {
        let type = self.check(root)
        if let expected, !self.unifier.unify([expected], [type]) {
            self.report("the expression must be \(expected), is \(self.unifier.final(type))", at: 0)
        }
        for node in self.checked { node.type = self.unifier.final(node.type) }
        self.problems.sort { $0.offset < $1.offset }
    }

    mutating func report(_ message: String, at offset: Int) {
        guard self.isChecked, self.problems.count < Self.problemLimit else { return }
        self.problems.append(self.source.problem(message, at: offset))
    }

    func show(_ type: ExpressionType) -> String { self.unifier.final(type).description }

    mutating func check(_ node: SyntaxNode) -> ExpressionType {
        let type = self.deduce(node)
        node.type = type
        self.checked.append(node)
        return type
    }

    private mutating func deduce(_ node: SyntaxNode) -> ExpressionType {
        switch node.kind {
        case .literal(let literal): return literal.type
        case .identifier(let name): return self.identifier(name, node)
        case .select(let operand, let field): return self.select(operand, field, node)
        case .test(let operand, let field): return self.test(operand, field, node)
        case .call(let name, let target, let arguments): return self.call(name, target, arguments, node)
        case .list(let elements):
            guard let first = elements.first else { return .list(self.unifier.fresh()) }
            var joined = self.check(first)
            for element in elements.dropFirst() {
                let next = self.check(element)
                joined = self.unifier.join(joined, next)
            }
            return .list(joined)
        case .map(let entries): return self.map(entries)
        case .message(let name, let fields): return self.message(name, fields, node)
        case .comprehension(let comprehension): return self.comprehension(comprehension, node)
        case .bind(let name, let value, let body):
            let type = self.check(value)
            node.resolution = .slots(self.locals.count)
            return self.with([(name, type)]) { $0.check(body) }
        }
    }

    /// Runs `body` with more names.
    mutating func with<Result>(
        _ names: [(String, ExpressionType)], _ body: (inout Checker) -> Result
    ) -> Result {
        for (name, type) in names {
            self.locals.append(Local(name: name, slot: self.locals.count, type: type))
        }
        self.slotCount = max(self.slotCount, self.locals.count)
        defer { self.locals.removeLast(names.count) }
        return body(&self)
    }

    private mutating func map(_ entries: [(key: SyntaxNode, value: SyntaxNode)]) -> ExpressionType {
        guard let first = entries.first else { return .map(self.unifier.fresh(), self.unifier.fresh()) }
        var key = self.key(first.key)
        var value = self.check(first.value)
        for entry in entries.dropFirst() {
            let (nextKey, nextValue) = (self.key(entry.key), self.check(entry.value))
            key = self.unifier.join(key, nextKey)
            value = self.unifier.join(value, nextValue)
        }
        return .map(key, value)
    }

    private mutating func key(_ node: SyntaxNode) -> ExpressionType {
        let type = self.check(node)
        switch self.unifier.resolve(type) {
        case .bool, .int, .uint, .string, .dyn, .variable, .failure, .wrapper: break
        case let other:
            self.report("a map's key must be a bool, int, uint or string, is \(other)", at: node.offset)
        }
        return type
    }

    private mutating func message(
        _ name: String, _ fields: [(field: String, value: SyntaxNode)], _ node: SyntaxNode
    ) -> ExpressionType {
        let types = fields.map { ($0.value, self.check($0.value)) }
        let known = self.candidates(name).lazy.compactMap { WellKnownMessage(rawValue: $0) }.first
        guard let known else {
            self.report(
                "'\(name)' is no type: expressions have no protobuf messages of their own", at: node.offset)
            node.resolution = .missing(.unknownName, name)
            return .failure
        }
        node.resolution = .wellKnown(known)
        for ((field, _), (value, type)) in zip(fields, types) {
            guard let wanted = known.fields[field] else {
                self.report("\(known.rawValue) has no field '\(field)'", at: value.offset)
                continue
            }
            if !self.unifier.unify([wanted], [type]) {
                self.report("'\(field)' must be \(wanted), is \(self.show(type))", at: value.offset)
            }
        }
        return known.type
    }
}
