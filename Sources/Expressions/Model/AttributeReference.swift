/// What an expression takes from its bag: an attribute, or one entry of a STRING_MAP when the key is
/// constant.
public struct AttributeReference: Hashable, Sendable {
    public let id: AttributeID
    /// The key's UTF-8; nil when the whole attribute, or an entry that only the evaluation knows, is taken.
    public let key: [UInt8]?

    public init(id: AttributeID, key: [UInt8]? = nil) {
        self.id = id
        self.key = key
    }
}
