extension StandardAttribute {
    /// The id in ``StandardAttributes/manifest``, and in every manifest that was made by adding to it.
    @inlinable public var id: AttributeID { AttributeID(rawValue: self.rawValue) }

    /// - Returns: nil for the id of an attribute that was added.
    @inlinable
    public init?(_ id: AttributeID) { self.init(rawValue: id.rawValue) }
}
