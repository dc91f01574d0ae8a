/// One value of a configuration file, with its place: what YAML and JSON are read into, and what schemas are
/// checked against.
///
/// Equality is that of the values; places do not count, so moving a value within a file changes nothing.
public struct ConfigNode: Sendable {
    /// What a node may hold.
    public indirect enum Value: Sendable, Hashable {
        case null
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case array([ConfigNode])
        /// Members in the order of the file; no key twice.
        case object([Member])
        /// A text that is printed nowhere.
        case secret(Secret)
    }

    /// A key of an object and its value.
    public struct Member: Sendable, Hashable {
        public var key: String
        /// Where the key stands; its path is the value's.
        public var keyLocation: ConfigLocation
        public var value: ConfigNode

        public init(_ key: String, _ value: ConfigNode, keyLocation: ConfigLocation = .none) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }

        public static func == (a: Self, b: Self) -> Bool { a.key == b.key && a.value == b.value }
        public func hash(into hasher: inout Hasher) {
            hasher.combine(self.key)
            hasher.combine(self.value)
        }
    }

    public var value: Value
    public var location: ConfigLocation

    public init(_ value: Value, at location: ConfigLocation = .none) {
        self.value = value
        self.location = location
    }

    /// The member called `key`; nil when there is none or this is no object.
    public subscript(key: String) -> ConfigNode? {
        guard case .object(let members) = self.value else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// What messages call the kind of value.
    public var kind: String {
        switch self.value {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string, .secret: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension ConfigNode: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.value == b.value }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.value) }
}
