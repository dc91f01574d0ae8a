/// A number of bytes.
///
/// Never an `Int` in a configuration or an API, so that KiB and items cannot be confused.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let bytes: Int
    private init(bytes: Int) { self.bytes = bytes }

    public static func bytes(_ count: Int) -> Self { Self(bytes: count) }
    public static func kibibytes(_ count: Int) -> Self { Self(bytes: count * 1024) }
    public static func mebibytes(_ count: Int) -> Self { Self(bytes: count * 1024 * 1024) }
    public static func gibibytes(_ count: Int) -> Self { Self(bytes: count * 1024 * 1024 * 1024) }

    public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }

    /// As a configuration spells it: the largest unit that divides it.
    public var description: String {
        guard self.bytes > 0 else { return "\(self.bytes)B" }
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where self.bytes % size == 0 {
            return "\(self.bytes / size)\(unit)"
        }
        return "\(self.bytes)B"
    }
}
