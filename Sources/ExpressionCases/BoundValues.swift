public import Expressions
public import Primitives

/// Attributes with values that were set one by one.
public final class BoundValues: AttributeBag {
    /// Keeps what the values refer to.
    public let builder = ValueBuilder()
    private var values: [AttributeID: Value] = [:]
    private var maps: [AttributeID: [(key: ByteView, value: ByteView)]] = [:]

    public func set(_ id: AttributeID, to value: Value) { self.values[id] = value }

    /// Makes the attribute a STRING_MAP, whose missing entries are absent and no errors.
    public func set(_ id: AttributeID, to entries: [(key: ByteView, value: ByteView)]) {
        self.values[id] = .attributeMap(id)
        self.maps[id] = entries
    }

    override public func value(of id: AttributeID) -> Value { self.values[id] ?? .absent }

    override public func entry(of id: AttributeID, _ key: ByteView) -> Value {
        self.maps[id]?.first { $0.key == key }.map { .string($0.value) } ?? .absent
    }

    override public func entryCount(of id: AttributeID) -> Int { self.maps[id]?.count ?? 0 }

    override public func entry(of id: AttributeID, at index: Int) -> (key: ByteView, value: ByteView) {
        self.maps[id]?[index] ?? (.empty, .empty)
    }
}
