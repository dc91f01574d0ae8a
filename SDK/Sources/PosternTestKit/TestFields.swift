/// Header or trailer fields in order; names compare without case.
public struct TestFields: Sendable, Hashable, ExpressibleByDictionaryLiteral, CustomStringConvertible {
    /// One field.
    public struct Field: Sendable, Hashable {
        /// As it was spelt.
        public var name: String
        /// As it was sent.
        public var value: String

        func isNamed(_ other: String) -> Bool { self.name.lowercased() == other.lowercased() }
    }

    /// All fields.
    public var list: [Field] = []

    /// No field.
    public init() {}

    /// In the order written; names may repeat.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.list = elements.map { Field(name: $0, value: $1) }
    }

    /// The first value of that name; setting one replaces the first and removes the others.
    public subscript(name: String) -> String? {
        get { self.list.first { $0.isNamed(name) }?.value }
        set {
            guard let newValue else {
                self.list.removeAll { $0.isNamed(name) }
                return
            }
            guard let index = self.list.firstIndex(where: { $0.isNamed(name) }) else {
                return self.add(name, newValue)
            }
            self.list[index].value = newValue
            var rest = index + 1
            while rest < self.list.count {
                if self.list[rest].isNamed(name) { self.list.remove(at: rest) } else { rest += 1 }
            }
        }
    }

    /// Every value of that name.
    public func all(_ name: String) -> [String] {
        self.list.filter { $0.isNamed(name) }.map(\.value)
    }

    /// Adds a field behind the others.
    public mutating func add(_ name: String, _ value: String) {
        self.list.append(Field(name: name, value: value))
    }

    /// `name: value` lines.
    public var description: String { self.list.map { "\($0.name): \($0.value)" }.joined(separator: "\n") }
}
