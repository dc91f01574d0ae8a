extension ConfigShape {
    /// A list.
    ///
    /// - Parameter identity: What may not be the same in two elements.
    static func list<Element>(
        of element: ConfigShape<Element>, atLeast minimum: Int = 0,
        unique identity: ((Element) -> String)? = nil
    ) -> Self where Value == [Element] {
        var schema: ConfigNode = .object(["type": "array", "items": element.schema])
        if minimum > 0 { schema = schema.adding("minItems", ConfigNode(.integer(minimum))) }
        if identity != nil { schema = schema.adding("uniqueItems", true) }
        return Self(
            schema: schema,
            read: { node, reading in
                guard case .array(let nodes) = node.value else {
                    reading.problem(node, "must be a list, got \(node.shown)")
                    return nil
                }
                if nodes.count < minimum { reading.problem(node, "must have at least one element") }
                var seen: Set<String> = []
                return nodes.compactMap { node in
                    guard let value = element.read(node, &reading) else { return nil }
                    if let key = identity?(value), !key.isEmpty, !seen.insert(key).inserted {
                        reading.problem(node, "`\(key)` stands in this list before")
                    }
                    return value
                }
            },
            write: { elements in
                let written = elements.compactMap { element.write($0) }
                return written.isEmpty || written.count < elements.count ? nil : ConfigNode(.array(written))
            }
        )
    }

    /// One value, or a list of at least one.
    static func oneOrMore(of element: ConfigShape<String>) -> Self where Value == [String] {
        let list = ConfigShape.list(of: element, atLeast: 1, unique: { $0 })
        return Self(schema: .object(["anyOf": [element.schema, list.schema]])) { node, reading in
            if case .array = node.value { return list.read(node, &reading) }
            return element.read(node, &reading).map { [$0] }
        }
    }

    /// Either of two written forms: objects go to the second.
    static func either(_ scalar: Self, orObject object: Self) -> Self {
        Self(schema: .object(["anyOf": [scalar.schema, object.schema]])) { node, reading in
            if case .object = node.value { return object.read(node, &reading) }
            return scalar.read(node, &reading)
        }
    }
}
