/// One key of an object, or several of which one is given, and the property it fills.
struct ConfigField<Object> {
    /// The keys and their schemas; a key without a schema is known but not available yet.
    var keys: [(name: String, schema: ConfigNode?)] = []
    /// Whether one of the keys must be there.
    var isRequired = false
    /// Whether more than one of the keys may be there.
    var isExclusive = false
    /// Another key without which these have no meaning.
    var needs: String?
    /// Takes in the value of a key that is there.
    var apply: (String, ConfigNode, inout Object, inout ConfigReading) -> Void = { _, _, _, _ in }
    /// The written form of the default in a new object.
    var initial: (Object) -> ConfigNode? = { _ in nil }
    /// Told where the object stands.
    var place: (ConfigLocation, inout Object) -> Void = { _, _ in }
}

extension ConfigField {
    /// A key with a default, which is what the new object's property holds.
    static func key<Value>(
        _ name: String, _ property: WritableKeyPath<Object, Value>, _ shape: ConfigShape<Value>,
        _ description: String,
        isRequired: Bool = false
    ) -> Self {
        Self(
            keys: [(name, shape.schema.describing(description))],
            isRequired: isRequired,
            apply: { _, node, object, reading in
                if let value = shape.read(node, &reading) { object[keyPath: property] = value }
            },
            initial: { isRequired ? nil : shape.write($0[keyPath: property]) }
        )
    }

    /// A key that must be there.
    static func required<Value>(
        _ name: String, _ property: WritableKeyPath<Object, Value>, _ shape: ConfigShape<Value>,
        _ description: String
    ) -> Self {
        .key(name, property, shape, description, isRequired: true)
    }

    /// A property that one of several keys fills.
    static func choice<Value>(
        _ property: WritableKeyPath<Object, Value>, isRequired: Bool,
        _ cases: [(name: String, shape: ConfigShape<Value>, description: String)]
    ) -> Self {
        Self(
            keys: cases.map { ($0.name, $0.shape.schema.describing($0.description)) },
            isRequired: isRequired,
            isExclusive: true,
            apply: { name, node, object, reading in
                guard let shape = cases.first(where: { $0.name == name })?.shape else { return }
                if let value = shape.read(node, &reading) { object[keyPath: property] = value }
            }
        )
    }

    /// A key that changes what another key gave.
    static func key<Value>(
        _ name: String, with other: String, _ shape: ConfigShape<Value>, _ description: String,
        initial: Value?, apply: @escaping (Value, inout Object) -> Void
    ) -> Self {
        Self(
            keys: [(name, shape.schema.describing(description))],
            needs: other,
            apply: { _, node, object, reading in
                if let value = shape.read(node, &reading) { apply(value, &object) }
            },
            initial: { _ in initial.flatMap { shape.write($0) } }
        )
    }

    /// A key that has one possible value so far, and no property.
    static func fixed(_ name: String, _ value: String, notYet: [String], _ description: String) -> Self {
        let shape = ConfigShape<String>.word([value], notYet: notYet)
        return Self(
            keys: [(name, shape.schema.describing(description))],
            apply: { _, node, _, reading in _ = shape.read(node, &reading) },
            initial: { _ in ConfigNode(.string(value)) }
        )
    }

    /// Keys that Postern's documents name and that this version does not have.
    static func notYet(_ names: String...) -> Self { Self(keys: names.map { ($0, nil) }) }

    /// The property that keeps where the object stands.
    static func location(_ property: WritableKeyPath<Object, ConfigLocation>) -> Self {
        Self(place: { location, object in object[keyPath: property] = location })
    }
}

extension ConfigNode {
    /// A schema with a description before everything else; a range that no keyword can tell follows in it.
    func describing(_ text: String) -> ConfigNode {
        var description = text
        if case .string(let range)? = self["description"]?.value { description += " \(range)." }
        let rest = self.members.filter { $0.key != "description" }
        return ConfigNode(.object([Member("description", ConfigNode(.string(description)))] + rest))
    }
}
