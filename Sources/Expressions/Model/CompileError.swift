/// All that is wrong with an expression; at least one problem.
public struct CompileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The expression.
    public let text: String
    /// In the order of their places.
    public let problems: [ExpressionProblem]

    /// One line a problem.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }

    /// Each problem with the line of the text that it is in and a caret below its place.
    public var excerpt: String {
        let lines = self.text.split(separator: "\n", omittingEmptySubsequences: false)
        return self.problems.map { problem in
            guard problem.line <= lines.count else { return "\(problem)" }
            let line = lines[problem.line - 1]
            // Tabs stay, so that the caret stands below its character.
            let indent = line.prefix(problem.column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
            return "\(problem)\n  \(line)\n  \(indent)^"
        }.joined(separator: "\n")
    }
}
