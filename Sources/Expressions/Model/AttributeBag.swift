public import Primitives

/// Where an evaluation takes attributes from.
///
/// The host makes a subclass and answers what is asked; nothing is asked that the expression does not need.
/// What it answers must live until the evaluation's result is done with: texts in the exchange, in a
/// snapshot, or in memory of the bag. One thread at a time.
open class AttributeBag {
    public init() {}

    /// The value of an attribute now; `.absent` when it has none, `.attributeMap(id)` for a STRING_MAP that
    /// it has. Must not throw or block. A value of another type than the manifest's makes the evaluation an
    /// error.
    open func value(of id: AttributeID) -> Value { .absent }

    /// The entry of a STRING_MAP attribute under `key`; `.absent` when there is none.
    open func entry(of id: AttributeID, _ key: ByteView) -> Value { .absent }

    /// How many entries a STRING_MAP attribute has. They are asked for one by one, 0 first, without anything
    /// else in between that could change them.
    open func entryCount(of id: AttributeID) -> Int { 0 }

    /// The entry of a STRING_MAP attribute at `index`, which is less than the count given just before.
    open func entry(of id: AttributeID, at index: Int) -> (key: ByteView, value: ByteView) {
        (.empty, .empty)
    }
}
