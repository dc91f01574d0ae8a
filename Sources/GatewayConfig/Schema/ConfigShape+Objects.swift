extension ConfigShape {
    /// An object with known keys.
    ///
    /// - Parameter new: A value whose properties are the defaults; required ones hold anything.
    static func object(_ new: Value, _ fields: [ConfigField<Value>]) -> Self {
        Self(schema: Self.schema(of: fields, new: new)) { node, reading in
            guard case .object(let members) = node.value else {
                reading.problem(node, "must be an object, got \(node.shown)")
                return nil
            }
            var value = new
            Self.refuseUnknownKeys(members, fields, &reading)
            for field in fields {
                field.place(node.location, &value)
                let given = members.filter { member in field.keys.contains { $0.name == member.key } }
                if field.isRequired, given.isEmpty { reading.problem(node, Self.missing(field)) }
                if field.isExclusive, given.count > 1 {
                    let names = Spelling.alternatives(given.map(\.key))
                    reading.problem(given[1].keyLocation, "only one of \(names) may be given")
                }
                for member in given
                where field.keys.contains(where: { $0.name == member.key && $0.schema != nil }) {
                    if let needed = field.needs, node[needed] == nil {
                        reading.problem(member.keyLocation, "has no meaning without `\(needed)`")
                    }
                    field.apply(member.key, member.value, &value, &reading)
                }
            }
            return value
        }
    }

    private static func missing(_ field: ConfigField<Value>) -> String {
        let names = Spelling.alternatives(field.keys.map(\.name))
        return field.keys.count == 1 ? "\(names) is missing" : "one of \(names) is missing"
    }

    private static func refuseUnknownKeys(
        _ members: [ConfigNode.Member], _ fields: [ConfigField<Value>], _ reading: inout ConfigReading
    ) {
        let keys = fields.flatMap(\.keys)
        let available = keys.filter { $0.schema != nil }.map(\.name)
        for member in members where !available.contains(member.key) {
            if keys.contains(where: { $0.name == member.key }) {
                reading.problem(member.keyLocation, "not available yet in this version")
            } else {
                reading.problem(
                    member.keyLocation, "unknown key\(Spelling.hint(for: member.key, among: available))")
            }
        }
    }

    private static func schema(of fields: [ConfigField<Value>], new: Value) -> ConfigNode {
        var properties: [ConfigNode.Member] = []
        var required: [ConfigNode] = []
        var choices: [ConfigNode] = []
        var dependencies: [ConfigNode.Member] = []
        for field in fields {
            let initial = field.initial(new)
            let available = field.keys.filter { $0.schema != nil }.map(\.name)
            for case (let name, let schema?) in field.keys {
                properties.append(.init(name, initial.map { schema.adding("default", $0) } ?? schema))
                if let needed = field.needs {
                    dependencies.append(.init(name, [ConfigNode(.string(needed))]))
                }
            }
            if field.isExclusive {
                choices.append(Self.exclusive(available, isRequired: field.isRequired))
            } else if field.isRequired {
                required += available.map { ConfigNode(.string($0)) }
            }
        }
        var schema: ConfigNode = .object(["type": "object"])
        schema = schema.adding("properties", ConfigNode(.object(properties)))
        schema = schema.adding("additionalProperties", false)
        if !required.isEmpty { schema = schema.adding("required", ConfigNode(.array(required))) }
        if !dependencies.isEmpty {
            schema = schema.adding("dependentRequired", ConfigNode(.object(dependencies)))
        }
        // An object has one choice of keys at most; all of ours do.
        if let choice = choices.first { schema = schema.adding("oneOf", choice) }
        return schema
    }

    /// `oneOf` branches: one key each, and none of them when none is required.
    private static func exclusive(_ names: [String], isRequired: Bool) -> ConfigNode {
        var branches: [ConfigNode] = names.map { .object(["required": [ConfigNode(.string($0))]]) }
        if !isRequired {
            let none = names.map { ConfigNode.Member($0, false) }
            branches.append(.object(["properties": ConfigNode(.object(none))]))
        }
        return ConfigNode(.array(branches))
    }

    /// An object of any keys, each with a value of the same shape.
    ///
    /// - Parameter name: The shape of a key; what it reads is the name.
    static func map<Item, Element>(
        of item: ConfigShape<Item>, named name: ConfigShape<String>,
        _ make: @escaping (String, Item) -> Element
    ) -> Self where Value == [Element] {
        let schema: ConfigNode = .object([
            "type": "object", "propertyNames": name.schema, "additionalProperties": item.schema,
        ])
        return Self(schema: schema) { node, reading in
            guard case .object(let members) = node.value else {
                reading.problem(node, "must be an object, got \(node.shown)")
                return nil
            }
            var elements: [Element] = []
            var names: Set<String> = []
            for member in members {
                let key = name.read(ConfigNode(.string(member.key), at: member.keyLocation), &reading)
                let value = item.read(member.value, &reading)
                guard let key, let value else { continue }
                if !names.insert(key).inserted {
                    reading.problem(member.keyLocation, "the name stands twice, in another case")
                }
                elements.append(make(key, value))
            }
            return elements
        }
    }
}
