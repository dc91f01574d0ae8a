internal import CFuzzer
internal import Expressions
internal import Primitives

/// Feeds texts to the compiler of expressions, and evaluates what it takes: an even first byte leaves the
/// rest as it is, an odd one makes an expression of it by a grammar that knows the functions and attributes.
/// The last bytes are the attributes' texts.
@main
struct ExpressionFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            ExpressionFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static let manifest = AttributeManifest([
        ("a", .string), ("a.b", .int64), ("m", .stringMap), ("d", .double), ("t", .timestamp),
        ("u", .duration),
        ("i", .ipAddress), ("x", .bool), ("gone", .string),
    ])
    static let limits = EvaluationLimits(steps: 20_000, memory: .kibibytes(256))

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        let text: String
        if first % 2 == 0 {
            text = String(decoding: rest, as: UTF8.self)
        } else {
            var grammar = ExpressionGrammar(rest)
            text = grammar.expression(0)
        }
        let bag = FuzzBag(rest.suffix(Int(first / 8)))
        let evaluator = Evaluator(limits: self.limits)
        let checked = self.outcome(text, .standard, isChecked: true, bag, evaluator)
        let unchecked = self.outcome(text, .standard, isChecked: false, bag, evaluator)
        if let checked, checked != unchecked {
            preconditionFailure("\(text): checked \(checked), else \(unchecked ?? "none")")
        }
        _ = self.outcome(text, .rules, isChecked: true, bag, evaluator)
    }

    /// What the text comes to, twice the same; nil when it is no expression.
    private static func outcome(
        _ text: String, _ mode: ExpressionMode, isChecked: Bool, _ bag: FuzzBag, _ evaluator: Evaluator
    ) -> String? {
        let expression: Expression
        do throws(CompileError) {
            expression = try Expression.compile(text, self.manifest, mode: mode, isChecked: isChecked)
        } catch {
            precondition(!error.problems.isEmpty && !error.excerpt.isEmpty)
            for problem in error.problems {
                precondition(problem.offset <= text.utf8.count && problem.line >= 1)
            }
            return nil
        }
        let once = self.evaluate(expression, bag, evaluator)
        let twice = self.evaluate(expression, bag, evaluator)
        precondition(once == twice, "\(text): \(once), then \(twice)")
        return once
    }

    private static func evaluate(_ expression: Expression, _ bag: FuzzBag, _ evaluator: Evaluator) -> String {
        withExtendedLifetime(expression) {
            let value = expression.evaluate(bag, with: evaluator)
            if let error = value.error {
                precondition(error.offset <= expression.text.utf8.count)
                _ = expression.excerpt(of: error)
                // Which of several errors it is, is not defined.
                return "error"
            }
            let buffer = ByteBuffer(capacity: 64)
            evaluator.write(value, to: buffer)
            return "\(value.kind) \(buffer.view.string)"
        }
    }
}
