/// A field's name, in lower case, and its value.
public struct HeaderPair: Sendable, Hashable {
    /// A token (RFC 9110, 5.6.2); not one that frames the message or belongs to the connection.
    public var name: String
    /// No control characters but tab (RFC 9110, 5.5).
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
