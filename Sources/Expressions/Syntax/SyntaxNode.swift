/// A part of a parsed expression, and what the checker has found out about it.
final class SyntaxNode {
    enum Kind {
        case literal(Literal)
        /// With a leading dot when it was written with one.
        case identifier(String)
        case select(SyntaxNode, field: String)
        /// `has(operand.field)`.
        case test(SyntaxNode, field: String)
        /// Operators have the names of the language definition: `_+_`, `_?_:_`, `_[_]`, `@in`.
        case call(String, target: SyntaxNode?, [SyntaxNode])
        case list([SyntaxNode])
        case map([(key: SyntaxNode, value: SyntaxNode)])
        case message(String, [(field: String, value: SyntaxNode)])
        case comprehension(Comprehension)
        /// `cel.bind(name, value, body)`.
        case bind(String, SyntaxNode, SyntaxNode)
    }

    /// What a name, a selection or a call turned out to be.
    enum Resolution {
        case none
        case attribute(AttributeID)
        /// The place of a macro's variable.
        case local(Int)
        /// The first place of the variables that this macro makes.
        case slots(Int)
        case typeName(String)
        case function(Function)
        case wellKnown(WellKnownMessage)
        /// Known to the checker alone, or to nobody: an error when evaluated.
        case missing(EvaluationError.Code, String)
    }

    let kind: Kind
    let offset: Int
    /// Nodes on the longest way down from here.
    let depth: Int
    var resolution: Resolution = .none
    var type: ExpressionType = .dyn

    init(_ kind: Kind, at offset: Int, depth: Int) {
        self.kind = kind
        self.offset = offset
        self.depth = depth
    }

    /// `a.b.c` when the node is nothing but names; nil otherwise.
    var qualifiedName: String? {
        switch self.kind {
        case .identifier(let name): name
        case .select(let operand, let field): operand.qualifiedName.map { "\($0).\(field)" }
        default: nil
        }
    }

    /// Where the leftmost name of a chain of selections stands.
    var rootOffset: Int {
        if case .select(let operand, _) = self.kind { return operand.rootOffset }
        return self.offset
    }
}
