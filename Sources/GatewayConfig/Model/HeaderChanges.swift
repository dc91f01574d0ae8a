/// Changes to the fields of a message: first `remove`, then `set`, then `add`.
public struct HeaderChanges: Sendable, Hashable {
    /// Takes the place of every field of that name.
    ///
    /// Default none. Key `set`.
    public var set: [HeaderPair]
    /// Comes beside fields of that name.
    ///
    /// Default none. Key `add`.
    public var add: [HeaderPair]
    /// The names of fields that go, in lower case.
    ///
    /// Default none. Key `remove`.
    public var remove: [String]

    public init(set: [HeaderPair] = [], add: [HeaderPair] = [], remove: [String] = []) {
        self.set = set
        self.add = add
        self.remove = remove
    }

    /// Whether it changes nothing.
    public var isEmpty: Bool { self.set.isEmpty && self.add.isEmpty && self.remove.isEmpty }
}
