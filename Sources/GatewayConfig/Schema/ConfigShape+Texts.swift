extension ConfigShape where Value == String {
    /// Any text of a length, in bytes.
    static func text(_ length: ClosedRange<Int> = 0...65536) -> Self {
        Self(
            schema: .object(["type": "string"]).bounding(length),
            read: { node, reading in
                guard case .string(let text) = node.value else {
                    reading.problem(node, "must be a string, got \(node.shown)\(Self.quotingHint(node))")
                    return nil
                }
                guard length.contains(text.utf8.count) else {
                    let rule =
                        text.isEmpty ? "must not be empty" : "must be at most \(length.upperBound) bytes"
                    reading.problem(node, rule)
                    return nil
                }
                return text
            },
            write: { ConfigNode(.string($0)) }
        )
    }

    private static func quotingHint(_ node: ConfigNode) -> String {
        switch node.value {
        case .bool, .integer, .number: "; put it in quotes"
        default: ""
        }
    }

    /// A text that matches a pattern, which `rule` puts in words.
    static func text(_ length: ClosedRange<Int>, matching pattern: String, _ rule: String) -> Self {
        let text = Self.text(length)
        let compiled = TextPattern(pattern)
        return Self(
            schema: text.schema.adding("pattern", ConfigNode(.string(pattern))),
            read: { node, reading in
                guard let value = text.read(node, &reading) else { return nil }
                guard compiled.matchesPart(of: value) else {
                    reading.problem(node, "must be \(rule), got \(node.shown)")
                    return nil
                }
                return value
            },
            write: text.write
        )
    }

    /// What listeners, routes, services and filters are called.
    static var name: Self {
        .text(1...64, matching: "^[A-Za-z0-9._-]+$", "a name of letters, digits, `.`, `_` and `-`")
    }

    /// A name that others refer to.
    static func name(defining kind: ConfigReading.Kind) -> Self {
        Self.name.checked { name, node, reading in reading.define(kind, name, at: node.location) }
    }

    /// The name of something that stands elsewhere.
    static func name(of kind: ConfigReading.Kind) -> Self {
        Self.name.checked { name, node, reading in reading.refer(to: kind, name, at: node.location) }
    }

    /// One of a few words.
    static func word(_ words: [String], notYet: [String] = []) -> Self {
        Self(
            schema: .object(["enum": ConfigNode(.array(words.map { ConfigNode(.string($0)) }))]),
            read: { node, reading in
                if case .string(let word) = node.value {
                    if words.contains(word) { return word }
                    if notYet.contains(word) {
                        let allowed = Spelling.alternatives(words)
                        reading.problem(
                            node, "`\(word)` is not available yet in this version; use \(allowed)")
                        return nil
                    }
                }
                reading.problem(node, "must be \(Spelling.alternatives(words)), got \(node.shown)")
                return nil
            },
            write: { ConfigNode(.string($0)) }
        )
    }

    /// The path of a file or folder, relative to the configuration.
    static var filePath: Self {
        let text = Self.text(1...4096)
        return Self(
            schema: text.schema,
            read: { node, reading in text.read(node, &reading).map { reading.resolve($0) } }
        )
    }

    /// An expression of RE2.
    static var pattern: Self {
        Self.text(1...4096).checked { text, node, reading in
            if let why = TextPattern(text).problem { reading.problem(node, "is no valid expression: \(why)") }
        }
    }
}

extension ConfigNode {
    /// A schema with the length of a text in it. Schemas count characters, so only an upper bound above what
    /// fits in as many bytes would differ; names and the like are ASCII by their pattern.
    fileprivate func bounding(_ length: ClosedRange<Int>) -> ConfigNode {
        var schema = self
        if length.lowerBound > 0 {
            schema = schema.adding("minLength", ConfigNode(.integer(length.lowerBound)))
        }
        return schema.adding("maxLength", ConfigNode(.integer(length.upperBound)))
    }
}
