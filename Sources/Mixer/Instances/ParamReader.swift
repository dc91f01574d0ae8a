internal import Adapting
internal import Expressions
internal import GatewayConfig

/// Reads the params of one instance, and gathers what is wrong with them.
struct ParamReader {
    let manifest: AttributeManifest
    var problems: [ConfigProblem] = []

    init(_ manifest: AttributeManifest) { self.manifest = manifest }

    /// Compiles an expression; a problem stands at its node.
    mutating func compile(
        _ node: ConfigNode, expecting allowed: [ExpressionType] = [], _ what: String = "the value"
    ) -> Expression? {
        guard let text = node.expressionText else {
            self.problems.append(ConfigProblem(node.location, "must be an expression, got \(node.kind)"))
            return nil
        }
        do throws(CompileError) {
            let expression = try Expression.compile(text, self.manifest, mode: .rules)
            if !allowed.isEmpty, !allowed.contains(expression.type), expression.type != .dyn {
                let names = allowed.map { "`\($0)`" }.joined(separator: " or ")
                self.problems.append(
                    ConfigProblem(
                        node.location,
                        "\(what) must be of type \(names), and `\(text)` is `\(expression.type)`"))
                return nil
            }
            return expression
        } catch {
            for problem in error.problems {
                let place =
                    problem.line == 1 ? "column \(problem.column)" : "\(problem.line):\(problem.column)"
                self.problems.append(
                    ConfigProblem(node.location, "in the expression, \(place): \(problem.message)"))
            }
            return nil
        }
    }

    /// Reports members that a template has not.
    mutating func allow(_ names: [String], in node: ConfigNode) {
        for member in node.objectMembers where !names.contains(member.key) {
            let hint = Spelling.hint(for: member.key, among: names)
            self.problems.append(
                ConfigProblem(
                    member.keyLocation, "unknown key `\(member.key)`\(hint)"))
        }
    }

    mutating func problem(_ location: ConfigLocation, _ message: String) {
        self.problems.append(ConfigProblem(location, message))
    }

    /// The members of an object; a problem when it is something else.
    mutating func object(_ node: ConfigNode?) -> [ConfigNode.Member] {
        guard let node else { return [] }
        guard case .object(let members) = node.value else {
            self.problem(node.location, "must be an object of expressions, got \(node.kind)")
            return []
        }
        return members
    }
}

extension ConfigNode {
    /// What is written as an expression: a text, or a number or boolean that stands for itself.
    var expressionText: String? {
        switch self.value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .null, .array, .object, .secret: nil
        }
    }

    var objectMembers: [Member] {
        guard case .object(let members) = self.value else { return [] }
        return members
    }
}

extension ExpressionType {
    /// The type of a record's column that holds values of this type.
    var column: RecordValueType {
        switch self {
        case .string, .bytes, .wrapper(.string): .string
        case .int, .uint: .int64
        case .double: .double
        case .bool: .bool
        case .timestamp: .timestamp
        case .duration: .duration
        case .ip: .ipAddress
        default: .any
        }
    }
}
