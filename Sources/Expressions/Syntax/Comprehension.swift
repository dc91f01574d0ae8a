/// A macro that goes over a list or a map.
struct Comprehension {
    enum Macro: UInt8 {
        case all, exists, existsOne, map, filter, transformList, transformMap, transformMapEntry
    }

    let macro: Macro
    let range: SyntaxNode
    /// One or two names.
    let variables: [String]
    /// The condition of `map` and of the transformations, when there is one.
    let condition: SyntaxNode?
    /// The predicate, or what is made of an element; of an entry, its key.
    let body: SyntaxNode
    /// The value of an entry that `transformMapEntry` makes.
    var entryValue: SyntaxNode?
}
