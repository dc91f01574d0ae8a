public import Primitives

/// Metadata of one stream, by namespace (the filter that writes it, by convention) and key.
///
/// Empty for a stream whose filters write none, and then without cost.
public struct StreamMetadata: Sendable, Hashable {
    public private(set) var spaces: [String: [String: MetadataValue]] = [:]

    public init() {}

    public var isEmpty: Bool { self.spaces.isEmpty }

    public subscript(space: String, key: String) -> MetadataValue? {
        get { self.spaces[space]?[key] }
        set { self.spaces[space, default: [:]][key] = newValue }
    }

    public subscript(space: String) -> [String: MetadataValue] {
        get { self.spaces[space] ?? [:] }
        set { self.spaces[space] = newValue }
    }
}
