/// What is wrong at one place of an expression's text.
public struct ExpressionProblem: Sendable, Hashable, CustomStringConvertible {
    public let message: String
    /// In bytes from the text's beginning.
    public let offset: Int
    /// From 1.
    public let line: Int
    /// In characters, from 1.
    public let column: Int

    public var description: String { "\(self.line):\(self.column): \(self.message)" }
}
