/// A subject alternative name that a peer's certificate may have.
///
/// Written as the whole name, or as `dns` or `uri` with the name, or with `exact`, `prefix` or `suffix`.
public struct SubjectAltNameMatch: Sendable, Hashable {
    public enum Kind: Sendable, Hashable { case dns, uri, either }
    public enum Condition: Sendable, Hashable {
        case exact(String)
        case prefix(String)
        case suffix(String)
    }

    public var kind: Kind
    public var condition: Condition

    public init(_ kind: Kind, _ condition: Condition) {
        self.kind = kind
        self.condition = condition
    }
}
