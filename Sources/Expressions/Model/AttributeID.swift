/// Which attribute of a manifest: its place in it.
public struct AttributeID: Hashable, Sendable {
    public let rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}
