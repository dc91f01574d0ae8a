public import Expressions

/// One line of a file of cases: an expression, what its names mean, and how it is to be taken.
public struct ExpressionCase {
    public let expression: String
    let manifest: AttributeManifest
    let bindings: [(id: AttributeID, value: JSONValue)]
    let isChecked: Bool
    let isOnlyChecked: Bool

    /// - Parameter json: `expr`, and optionally `bindings`, `type_env`, `container`, `disable_check`,
    ///   `check_only`; other keys mean nothing.
    public init(_ json: JSONValue) throws(ValueJSON.Problem) {
        guard let expression = json["expr"]?.string else { throw ValueJSON.Problem("a case has an 'expr'") }
        var manifest = AttributeManifest()
        manifest.container = json["container"]?.string ?? ""
        for declaration in json["type_env"]?.array ?? [] {
            guard let name = declaration["name"]?.string else {
                throw ValueJSON.Problem("a declaration has a 'name'")
            }
            if let ident = declaration["ident"] {
                guard let type = ident["type"].flatMap({ TypeJSON.read($0) }) else {
                    throw ValueJSON.Problem("'\(name)' has no type that is known")
                }
                manifest.declare(name, type)
            }
            for overload in declaration["function"]?["overloads"]?.array ?? [] {
                let parameters = (overload["params"]?.array ?? []).compactMap { TypeJSON.read($0) }
                manifest.declareFunction(
                    name, isMember: overload["is_instance_function"]?.bool ?? false, parameters: parameters,
                    result: overload["result_type"].flatMap { TypeJSON.read($0) } ?? .dyn)
            }
        }
        var bindings: [(id: AttributeID, value: JSONValue)] = []
        for member in json["bindings"]?.members ?? [] {
            let id = manifest.id(member.key) ?? manifest.declare(member.key, ExpressionType.dyn)
            guard let value = member.value["value"] else {
                throw ValueJSON.Problem("the binding '\(member.key)' has no 'value'")
            }
            bindings.append((id, value))
        }
        self.expression = expression
        self.manifest = manifest
        self.bindings = bindings
        self.isChecked = json["disable_check"]?.bool != true
        self.isOnlyChecked = json["check_only"]?.bool == true
    }

    /// What the case comes to.
    public enum Outcome {
        case value(JSONValue, ExpressionType)
        /// The deduced type of a case that is only checked.
        case type(ExpressionType)
        case error(String)

        /// As a line of JSON.
        public var json: JSONValue {
            switch self {
            case .value(let value, _): .object([JSONValue.Member("value", value)])
            case .type(let type):
                .object([
                    JSONValue.Member(
                        "typed_result", .object([JSONValue.Member("deduced_type", TypeJSON.write(type))]))
                ])
            case .error(let message):
                .object([
                    JSONValue.Member(
                        "eval_error",
                        .object([
                            JSONValue.Member(
                                "errors", .array([.object([JSONValue.Member("message", .string(message))])]))
                        ]))
                ])
            }
        }
    }

    public func run(_ evaluator: Evaluator) -> Outcome {
        let compiled: Expression
        do throws(CompileError) {
            compiled = try Expression.compile(
                self.expression, self.manifest, mode: .standard, isChecked: self.isChecked)
        } catch {
            return .error(error.description)
        }
        if self.isOnlyChecked { return .type(compiled.type) }
        let bag = BoundValues()
        do throws(ValueJSON.Problem) {
            for (id, json) in self.bindings { bag.set(id, to: try ValueJSON.read(json, bag.builder)) }
        } catch {
            return .error(error.description)
        }
        // The value refers to memory of both.
        return withExtendedLifetime((bag, compiled)) {
            let value = compiled.evaluate(bag, with: evaluator)
            guard let json = ValueJSON.write(value) else {
                return .error(value.error?.description ?? "no value")
            }
            return .value(json, compiled.type)
        }
    }

    /// A line of JSON in, a line of JSON out.
    public static func run(line: some StringProtocol, _ evaluator: Evaluator) -> JSONValue {
        do {
            return try ExpressionCase(try JSONText.parse(line)).run(evaluator).json
        } catch {
            return Outcome.error("\(error)").json
        }
    }
}
