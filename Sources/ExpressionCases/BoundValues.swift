public import Expressions

/// Attributes with values that were set one by one.
public final class BoundValues: AttributeBag {
    /// Keeps what the values refer to.
    public let builder = ValueBuilder()
    private var values: [AttributeID: Value] = [:]

    public func set(_ id: AttributeID, to value: Value) { self.values[id] = value }

    override public func value(of id: AttributeID) -> Value { self.values[id] ?? .absent }
}
