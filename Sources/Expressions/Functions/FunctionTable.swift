/// All functions by name, with their signatures.
struct FunctionTable: Sendable {
    struct Entry: Sendable {
        let function: Function
        let name: String
        var signatures: [Signature]
        /// Takes any number of arguments, at least one.
        var isVariadic = false
    }

    private(set) var entries: [String: Entry] = [:]

    static let standard = FunctionTable(
        Self.operators + Self.conversions + Self.texts + Self.times + Self.mathematics + Self.addresses
            + Self.mixer)

    init(_ lines: [(Function, String, [String])]) {
        for (function, name, signatures) in lines {
            self.entries[name] = Entry(
                function: function, name: name, signatures: signatures.compactMap { Signature($0) },
                isVariadic: function == .greatest || function == .least)
        }
    }

    subscript(name: String) -> Entry? { self.entries[name] }
}
