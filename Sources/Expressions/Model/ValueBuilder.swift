public import Primitives

/// Makes values that last: its texts, lists and maps live as long as the builder.
///
/// For bags whose values are not memory of the host's already. One thread at a time.
public final class ValueBuilder {
    private let arena: Arena

    /// - Parameter limit: The most memory that all values together may take.
    public init(limit: ByteCount = .mebibytes(16)) { self.arena = Arena(limit: limit.bytes) }

    /// A copy of the bytes as a text; nil when the limit is reached.
    public func string(_ view: ByteView) -> Value? { self.arena.copy(view).map { .string($0) } }
    public func string(_ text: String) -> Value? { text.withByteView { self.string($0) } }

    /// A copy of the bytes; nil when the limit is reached.
    public func bytes(_ view: ByteView) -> Value? { self.arena.copy(view).map { .bytes($0) } }

    /// A type by its name: `int`, `google.protobuf.Timestamp`.
    public func type(_ name: String) -> Value? {
        name.withByteView { self.arena.copy($0) }.map { Value(.type, $0) }
    }

    /// A list of values that last as long as the builder; nil when the limit is reached.
    public func list(_ elements: [Value]) -> Value? {
        guard let span = self.arena.values(elements.count) else { return nil }
        for (index, element) in elements.enumerated() { span[index] = element }
        return Value(list: span)
    }

    /// A map of values that last as long as the builder; nil when a key is there twice or is none (`bool`,
    /// `int`, `uint`, `string`), and when the limit is reached.
    public func map(_ entries: [(key: Value, value: Value)]) -> Value? {
        guard let span = self.arena.values(entries.count * 2) else { return nil }
        for (index, entry) in entries.enumerated() {
            span[index * 2] = entry.key
            span[index * 2 + 1] = entry.value
        }
        return self.arena.map(span).flatMap { $0.isError ? nil : $0 }
    }

    /// A point in time as RFC 3339 writes it; nil for what is none.
    public static func timestamp(_ text: String) -> Value? {
        text.withByteView { Timestamp.parse($0) }.flatMap { $0.isError ? nil : $0 }
    }

    /// `1h30m`, `1.5s`; nil for what is no duration.
    public static func duration(_ text: String) -> Value? {
        text.withByteView { DurationText.parse($0) }.map { .duration(nanoseconds: $0) }
    }

    /// An IP address; nil for what is none.
    public static func ip(_ text: String) -> Value? {
        text.withByteView { AddressText.address($0) }.map { .ip($0) }
    }

    /// The bytes of a text in base64; nil for what is none, and when the limit is reached.
    public func base64(_ text: String) -> Value? {
        let buffer = ByteBuffer(capacity: 64)
        guard text.withByteView({ Base64.decode($0, to: buffer) }) else { return nil }
        return self.bytes(buffer.view)
    }
}
