/// A condition on the value of a field or a parameter of the query; where there are several, one that holds
/// is enough.
public enum ValueMatch: Sendable, Hashable {
    /// Key `exact`.
    case exact(String)
    /// Key `prefix`.
    case prefix(String)
    /// Key `suffix`.
    case suffix(String)
    /// Key `contains`.
    case contains(String)
    /// RE2's expression matches the whole value. Key `regex`.
    case regex(String)
    /// There is one, whatever its value. Key `present`, which is always `true`.
    case present
    /// There is none. Key `absent`, which is always `true`.
    case absent
}

/// A ``ValueMatch`` and the name it is for.
public struct NamedMatch: Sendable, Hashable {
    /// The name of the field (in lower case) or of the parameter.
    public var name: String
    /// The condition.
    public var value: ValueMatch

    public init(_ name: String, _ value: ValueMatch) {
        self.name = name
        self.value = value
    }
}
