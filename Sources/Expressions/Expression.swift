public import Primitives

/// A compiled expression. Immutable: any number of workers evaluate it at the same time, each with an
/// ``Evaluator`` of its own.
public final class Expression: Sendable {
    public let text: String
    /// What the checker found the expression to be.
    public let type: ExpressionType
    /// All that may be asked of a bag.
    public let references: Set<AttributeReference>
    /// The attributes of ``references``.
    public let attributes: Set<AttributeID>
    let program: Program

    private init(
        _ text: String, _ type: ExpressionType, _ references: Set<AttributeReference>, _ program: Program
    ) {
        self.text = text
        self.type = type
        self.references = references
        self.attributes = Set(references.map(\.id))
        self.program = program
    }

    /// Compiles an expression.
    ///
    /// - Parameters:
    ///   - text: At most 64 KiB, nested at most 250 levels deep.
    ///   - manifest: The attributes that it may use.
    ///   - expected: The type that it must have; nil allows every type.
    ///   - isChecked: Whether types are checked; without, what has no meaning is an error of the evaluation.
    /// - Throws: All problems at once.
    public static func compile(
        _ text: String, _ manifest: AttributeManifest, mode: ExpressionMode,
        expecting expected: ExpressionType? = nil, isChecked: Bool = true
    ) throws(CompileError) -> Expression {
        let source = SourceText(text)
        let root: SyntaxNode
        do throws(SyntaxError) {
            var parser = try Parser(source.bytes, mode: mode)
            root = try parser.parse()
        } catch {
            throw CompileError(text: text, problems: [source.problem(error.message, at: error.offset)])
        }
        var checker = Checker(source, manifest, isChecked: isChecked)
        checker.run(root, expecting: expected)
        guard checker.problems.isEmpty else { throw CompileError(text: text, problems: checker.problems) }
        var emitter = Emitter(source, manifest, mode, checker: checker)
        let program = emitter.program(root)
        guard emitter.problems.isEmpty else { throw CompileError(text: text, problems: emitter.problems) }
        return Expression(text, root.type, emitter.references, program)
    }

    /// What went wrong, with the line of the text where it did and a caret below its place.
    public func excerpt(of error: EvaluationError) -> String {
        let problem = SourceText(self.text).problem(error.description, at: error.offset)
        return CompileError(text: self.text, problems: [problem]).excerpt
    }

    /// Evaluates the expression.
    ///
    /// - Returns: The value or an error (``Value/isError``). It refers to memory of the bag, of this
    ///   expression and of the evaluator: use it before the evaluator's next evaluation.
    public func evaluate(_ bag: AttributeBag, with evaluator: Evaluator) -> Value {
        evaluator.begin(self.program)
        let value = evaluator.run(self.program.root, bag)
        if evaluator.isExhausted { return evaluator.exhausted }
        return value.kind == .attributeMap ? evaluator.materialize(value, bag) : value
    }

    /// Evaluates a condition.
    ///
    /// - Returns: nil for an error, and when the value is no bool.
    public func holds(_ bag: AttributeBag, with evaluator: Evaluator) -> Bool? {
        self.evaluate(bag, with: evaluator).asBool
    }

    /// Evaluates the expression and appends its value: a text as it is, others as `string()` writes them,
    /// lists and maps as `%s` does.
    ///
    /// - Returns: As ``evaluate(_:with:)``; nothing is appended for an error.
    @discardableResult
    public func append(_ bag: AttributeBag, with evaluator: Evaluator, to buffer: ByteBuffer) -> Value {
        let value = self.evaluate(bag, with: evaluator)
        evaluator.write(value, to: buffer)
        return value
    }
}
