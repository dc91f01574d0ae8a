/// A word of an expression's text.
struct Token {
    enum Kind: Hashable {
        case identifier
        /// A field's name between backticks.
        case quotedIdentifier
        case int, uint, double, string, bytes
        case symbol
        case end
    }

    let kind: Kind
    /// The spelling of a symbol, the name of an identifier, the digits of a number.
    let text: String
    /// What a string or bytes literal means.
    var content: [UInt8] = []
    let offset: Int

    func isSymbol(_ spelling: String) -> Bool { self.kind == .symbol && self.text == spelling }
    func isWord(_ word: String) -> Bool { self.kind == .identifier && self.text == word }

    /// What messages call it.
    var description: String {
        switch self.kind {
        case .end: "the end of the expression"
        case .string, .bytes: "a text"
        default: "'\(self.text)'"
        }
    }
}
