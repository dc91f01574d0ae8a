/// Reads an expression (the language definition, "Syntax"), with macros expanded.
struct Parser {
    /// More is no expression that somebody wrote.
    static let textLimit = 65_536
    /// Parentheses, brackets, calls and operators within each other.
    static let depthLimit = 250

    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package",
        "namespace", "return", "var", "void", "while",
    ]

    let mode: ExpressionMode
    private let tokens: [Token]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8], mode: ExpressionMode) throws(SyntaxError) {
        guard bytes.count <= Self.textLimit else {
            throw SyntaxError(
                "an expression has at most \(Self.textLimit) bytes, this has \(bytes.count)", at: 0)
        }
        var lexer = Lexer(bytes)
        self.tokens = try lexer.tokens()
        self.mode = mode
    }

    /// The whole text as one expression.
    mutating func parse() throws(SyntaxError) -> SyntaxNode {
        let root = try self.expression()
        guard self.token.kind == .end else { throw self.unexpected("an operator or the end") }
        return root
    }

    var token: Token { self.tokens[self.index] }
    var tokenAfter: Token { self.tokens[min(self.index + 1, self.tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> Token {
        let token = self.tokens[self.index]
        if self.index + 1 < self.tokens.count { self.index += 1 }
        return token
    }

    mutating func take(_ symbol: String) -> Bool {
        guard self.token.isSymbol(symbol) else { return false }
        self.advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(SyntaxError) {
        guard self.take(symbol) else { throw self.unexpected("'\(symbol)'") }
    }

    func unexpected(_ wanted: String) -> SyntaxError {
        SyntaxError("expected \(wanted), found \(self.token.description)", at: self.token.offset)
    }

    func isReserved(_ word: String) -> Bool { Self.reserved.contains(word) }

    /// - Throws: When the tree would be deeper than what checks and evaluates it goes down.
    func node(
        _ kind: SyntaxNode.Kind, at offset: Int, above children: [SyntaxNode] = []
    ) throws(SyntaxError) -> SyntaxNode {
        let depth = children.reduce(0) { max($0, $1.depth) } + 1
        guard depth <= Self.depthLimit else {
            throw SyntaxError("the expression nests more than \(Self.depthLimit) levels", at: offset)
        }
        return SyntaxNode(kind, at: offset, depth: depth)
    }

    func call(
        _ function: String, _ arguments: [SyntaxNode], at offset: Int
    ) throws(SyntaxError) -> SyntaxNode {
        try self.node(.call(function, target: nil, arguments), at: offset, above: arguments)
    }

    /// Runs `body` one level down.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(SyntaxError) -> Result
    ) throws(SyntaxError) -> Result {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.depthLimit else {
            throw SyntaxError(
                "the expression nests more than \(Self.depthLimit) levels", at: self.token.offset)
        }
        return try body(&self)
    }

    // MARK: Operators

    mutating func expression() throws(SyntaxError) -> SyntaxNode {
        try self.nested { (parser: inout Parser) throws(SyntaxError) -> SyntaxNode in
            let condition = try parser.disjunction()
            let offset = parser.token.offset
            guard parser.take("?") else { return condition }
            let yes = try parser.disjunction()
            try parser.expect(":")
            let no = try parser.expression()
            return try parser.call("_?_:_", [condition, yes, no], at: offset)
        }
    }

    private mutating func disjunction() throws(SyntaxError) -> SyntaxNode {
        var operands = [try self.conjunction()]
        var offsets: [Int] = []
        while self.token.isSymbol("||") {
            offsets.append(self.advance().offset)
            operands.append(try self.conjunction())
        }
        return try self.balanced("_||_", operands[...], offsets[...])
    }

    private mutating func conjunction() throws(SyntaxError) -> SyntaxNode {
        var operands = [try self.relation()]
        var offsets: [Int] = []
        while self.token.isSymbol("&&") {
            offsets.append(self.advance().offset)
            operands.append(try self.relation())
        }
        return try self.balanced("_&&_", operands[...], offsets[...])
    }

    /// `&&` and `||` are associative: a long row of them becomes a flat tree.
    private func balanced(
        _ function: String, _ operands: ArraySlice<SyntaxNode>, _ offsets: ArraySlice<Int>
    ) throws(SyntaxError) -> SyntaxNode {
        if operands.count == 1 { return operands[operands.startIndex] }
        let middle = operands.startIndex + (operands.count + 1) / 2
        let split = offsets.startIndex + (operands.count + 1) / 2 - 1
        let left = try self.balanced(function, operands[..<middle], offsets[..<split])
        let right = try self.balanced(function, operands[middle...], offsets[(split + 1)...])
        return try self.call(function, [left, right], at: offsets[split])
    }

    private static let relations: [String: String] = [
        "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_",
    ]

    private mutating func relation() throws(SyntaxError) -> SyntaxNode {
        var left = try self.substitution()
        while true {
            let token = self.token
            let function = token.kind == .symbol ? Self.relations[token.text] : nil
            guard let function = function ?? (token.isWord("in") ? "@in" : nil) else { return left }
            self.advance()
            left = try self.call(function, [left, try self.substitution()], at: token.offset)
        }
    }

    /// Mixer's `|`, in rules only.
    private mutating func substitution() throws(SyntaxError) -> SyntaxNode {
        var left = try self.sum()
        while self.token.isSymbol("|") {
            let offset = self.token.offset
            guard self.mode == .rules else {
                throw SyntaxError(
                    "'|' is an operator of rules only; for a logical or, write '||'", at: offset)
            }
            self.advance()
            left = try self.call("_|_", [left, try self.sum()], at: offset)
        }
        return left
    }

    private mutating func sum() throws(SyntaxError) -> SyntaxNode {
        var left = try self.product()
        while self.token.isSymbol("+") || self.token.isSymbol("-") {
            let token = self.advance()
            left = try self.call("_\(token.text)_", [left, try self.product()], at: token.offset)
        }
        return left
    }

    private mutating func product() throws(SyntaxError) -> SyntaxNode {
        var left = try self.unary()
        while ["*", "/", "%"].contains(where: { self.token.isSymbol($0) }) {
            let token = self.advance()
            left = try self.call("_\(token.text)_", [left, try self.unary()], at: token.offset)
        }
        return left
    }

    private mutating func unary() throws(SyntaxError) -> SyntaxNode {
        var offsets: [Int] = []
        let sign = self.token.text
        guard self.token.isSymbol("!") || self.token.isSymbol("-") else { return try self.member() }
        while self.token.isSymbol(sign) { offsets.append(self.advance().offset) }
        let isNegativeNumber = sign == "-" && (self.token.kind == .int || self.token.kind == .double)
        if isNegativeNumber { offsets.removeLast() }
        var node = try self.member(isNegative: isNegativeNumber)
        for offset in offsets.reversed() { node = try self.call("\(sign)_", [node], at: offset) }
        return node
    }
}
