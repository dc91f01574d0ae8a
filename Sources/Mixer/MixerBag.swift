public import Expressions
internal import Primitives

/// What the rules know of one request: its attributes, and those that adapters made of them.
open class MixerBag: AttributeBag {
    /// What adapters of the template `attributes` have made of the present request; nil: nothing.
    open var generated: GeneratedAttributes? {
        get { nil }
        set {}
    }

    /// Whether spans can be made of it.
    open var isTraced: Bool { true }
}

/// Attributes that adapters made; belongs to one request.
public final class GeneratedAttributes {
    private var values: [(id: AttributeID, value: Value)] = []
    private let texts = ByteBuffer(capacity: 256)

    public init() {}

    /// The value of an attribute; nil when none was made.
    public func value(of id: AttributeID) -> Value? {
        for value in self.values where value.id == id {
            // Texts are kept as places, because the buffer moves when it grows.
            guard let place = value.value.asUInt else { return value.value }
            return .string(self.texts.view(at: Int(place >> 32), Int(place & 0xFFFF_FFFF)))
        }
        return nil
    }

    func set(_ id: AttributeID, _ value: Value) {
        self.values.removeAll { $0.id == id }
        guard let text = value.asText else { return self.values.append((id, value)) }
        let start = self.texts.writeIndex
        self.texts.append(text)
        self.values.append((id, .uint(UInt64(start) << 32 | UInt64(text.count))))
    }
}
