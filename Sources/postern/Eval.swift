internal import ArgumentParser
internal import ExpressionCases
internal import Expressions
internal import Foundation

/// `postern eval`: expressions as rules evaluate them.
struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate an expression as rules do, and print its value as JSON.",
        discussion: """
            The names are those of the standard attributes; one that --attributes does not give is absent.
            With --batch, reads a case a line from standard input (expr, bindings, type_env, container, in
            protobuf's JSON form; CEL without Mixer's operator '|') and prints a line with value or eval_error
            for each.
            Exits with 0, with 1 when the expression is none or has no value, with 2 when the attributes
            cannot be read.
            """
    )

    @Argument(help: "The expression.")
    var expression: String?

    @Option(help: "Attributes as a JSON object: '{\"request.path\": \"/\"}'.")
    var attributes = "{}"

    @Flag(help: "Read cases from standard input.")
    var batch = false

    func validate() throws {
        guard self.batch == (self.expression == nil) else {
            throw ValidationError("give either an expression or --batch")
        }
    }

    func run() throws {
        if let expression = self.expression { try self.evaluate(expression) } else { Self.runBatch() }
    }

    private func evaluate(_ text: String) throws {
        let manifest = StandardAttributes.manifest
        let bag: BoundValues
        do {
            bag = try AttributeJSON.read(try JSONText.parse(self.attributes), manifest)
        } catch {
            throw failure("--attributes: \(error)", status: 2)
        }
        let expression: Expressions.Expression
        do throws(CompileError) {
            expression = try Expressions.Expression.compile(text, manifest, mode: .rules)
        } catch {
            throw failure(error.excerpt)
        }
        let evaluator = Evaluator()
        // The value refers to memory of all three.
        try withExtendedLifetime((bag, expression, evaluator)) {
            let value = expression.evaluate(bag, with: evaluator)
            if let error = value.error { throw failure(expression.excerpt(of: error)) }
            if let json = PlainJSON.write(value) { print(json) }
        }
    }

    private static func runBatch() {
        let evaluator = Evaluator()
        while let line = readLine() {
            if line.allSatisfy(\.isWhitespace) { continue }
            // Whoever writes line by line waits for the answer to each.
            FileHandle.standardOutput.write(Data("\(ExpressionCase.run(line: line, evaluator))\n".utf8))
        }
    }
}
