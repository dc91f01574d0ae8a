/// How one kind of value is written in a configuration: its JSON Schema, how it is read, how a default is
/// shown.
///
/// Reading and schema are made together, from one declaration, so that they cannot drift apart.
struct ConfigShape<Value> {
    /// JSON Schema (2020-12) of the written form.
    var schema: ConfigNode
    /// Reads a value; what is wrong goes to the reading's problems.
    ///
    /// - Returns: nil when there is no value to go on with.
    var read: (ConfigNode, inout ConfigReading) -> Value?
    /// The written form of a value, for `default` in the schema; nil when it has none worth showing.
    var write: (Value) -> ConfigNode? = { _ in nil }

    /// The same written form for another type.
    func map<Other>(_ transform: @escaping (Value) -> Other) -> ConfigShape<Other> {
        let read = self.read
        return ConfigShape<Other>(schema: self.schema) { node, reading in read(node, &reading).map(transform)
        }
    }

    /// With a further check of a value that was read.
    func checked(_ check: @escaping (Value, ConfigNode, inout ConfigReading) -> Void) -> Self {
        var copy = self
        let read = self.read
        copy.read = { node, reading in
            guard let value = read(node, &reading) else { return nil }
            check(value, node, &reading)
            return value
        }
        return copy
    }

    /// For a property where nil stands for an absent key.
    var optional: ConfigShape<Value?> {
        let read = self.read
        let write = self.write
        return ConfigShape<Value?>(
            schema: self.schema,
            read: { node, reading in read(node, &reading).map { .some($0) } },
            write: { value in value.flatMap { write($0) } }
        )
    }
}

extension ConfigNode {
    /// The members of an object, none of anything else.
    var members: [Member] {
        guard case .object(let members) = self.value else { return [] }
        return members
    }

    /// The same object with one more member, or another value of it.
    func adding(_ key: String, _ value: ConfigNode) -> ConfigNode {
        let others = self.members.filter { $0.key != key }
        return ConfigNode(.object(others + [Member(key, value)]), at: self.location)
    }

    /// The value as a problem shows it: short, on one line, never a secret.
    var shown: String {
        switch self.value {
        case .object, .array, .null: return self.kind
        default:
            let text = self.json()
            guard text.unicodeScalars.count > 60 else { return text }
            return String(String.UnicodeScalarView(text.unicodeScalars.prefix(57))) + "...\""
        }
    }
}
