internal import Primitives

extension ConfigShape where Value == Bool {
    static var bool: Self {
        Self(
            schema: .object(["type": "boolean"]),
            read: { node, reading in
                guard case .bool(let value) = node.value else {
                    reading.problem(node, "must be true or false, got \(node.shown)")
                    return nil
                }
                return value
            },
            write: { ConfigNode(.bool($0)) }
        )
    }
}

extension ConfigShape {
    /// `true` and nothing else, which stands for `value`.
    static func always(_ value: Value) -> Self {
        Self(schema: .object(["const": true])) { node, reading in
            if node.value != .bool(true) { reading.problem(node, "must be true, got \(node.shown)") }
            return value
        }
    }
}

extension ConfigShape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words that an enumeration has.
    static func word(notYet: [String] = []) -> Self {
        let words = ConfigShape<String>.word(Value.allCases.map(\.rawValue), notYet: notYet)
        return Self(
            schema: words.schema,
            read: { node, reading in words.read(node, &reading).flatMap { Value(rawValue: $0) } },
            write: { ConfigNode(.string($0.rawValue)) }
        )
    }
}

extension ConfigShape where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            schema: .object([
                "type": "integer", "minimum": ConfigNode(.integer(range.lowerBound)),
                "maximum": ConfigNode(.integer(range.upperBound)),
            ]),
            read: { node, reading in
                guard case .integer(let value) = node.value, range.contains(value) else {
                    let allowed = "\(range.lowerBound)...\(range.upperBound)"
                    reading.problem(node, "must be a whole number in \(allowed), got \(node.shown)")
                    return nil
                }
                return value
            },
            write: { ConfigNode(.integer($0)) }
        )
    }

    /// One of a few numbers.
    static func integer(oneOf values: [Int]) -> Self {
        Self(
            schema: .object(["enum": ConfigNode(.array(values.map { ConfigNode(.integer($0)) }))]),
            read: { node, reading in
                guard case .integer(let value) = node.value, values.contains(value) else {
                    let allowed = Spelling.alternatives(values.map(String.init))
                    reading.problem(node, "must be \(allowed), got \(node.shown)")
                    return nil
                }
                return value
            },
            write: { ConfigNode(.integer($0)) }
        )
    }
}

extension ConfigShape where Value == Weight {
    static func weight(_ range: ClosedRange<Int>) -> Self {
        let integer = ConfigShape<Int>.integer(range)
        var shape = integer.map { Weight($0) }
        shape.write = { integer.write($0.value) }
        return shape
    }
}

extension ConfigShape where Value == Duration {
    /// `250ms`, `2s`, `1m30s`.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let bounds = [range.lowerBound, range.upperBound].map { ConfigDuration.spelling(of: $0) }
        let allowed = bounds.joined(separator: "...")
        return Self(
            schema: .object([
                "description": ConfigNode(.string(allowed)), "type": "string", "minLength": 1,
                "pattern": ConfigNode(.string(ConfigDuration.pattern)),
            ]),
            read: { node, reading in
                guard case .string(let text) = node.value, let value = ConfigDuration.parse(text) else {
                    reading.problem(node, "must be a duration as `250ms`, `2s` or `1m30s`, got \(node.shown)")
                    return nil
                }
                guard range.contains(value) else {
                    reading.problem(node, "must be \(allowed), got \(text)")
                    return nil
                }
                return value
            },
            write: { ConfigNode(.string(ConfigDuration.spelling(of: $0))) }
        )
    }

    /// What a wait may be.
    static var timeout: Self { .duration(.milliseconds(1)...(.seconds(24 * 3600))) }
}

extension ConfigShape where Value == ByteCount {
    /// `512B`, `64KiB`, `8MiB`.
    static func byteCount(_ range: ClosedRange<ByteCount>) -> Self {
        let allowed = "\(range.lowerBound)...\(range.upperBound)"
        return Self(
            schema: .object([
                "description": ConfigNode(.string(allowed)), "type": "string",
                "pattern": ConfigNode(.string(ConfigByteCount.pattern)),
            ]),
            read: { node, reading in
                guard case .string(let text) = node.value, let value = ConfigByteCount.parse(text) else {
                    reading.problem(node, "must be a size as `512B`, `64KiB` or `8MiB`, got \(node.shown)")
                    return nil
                }
                guard range.contains(value) else {
                    reading.problem(node, "must be \(allowed), got \(text)")
                    return nil
                }
                return value
            },
            write: { ConfigNode(.string($0.description)) }
        )
    }
}
