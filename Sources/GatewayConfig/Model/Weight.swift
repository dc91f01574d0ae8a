/// A share among others of its kind; the sum of all is the whole.
public struct Weight: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 0...1000000 in a checked configuration.
    public let value: Int

    public init(_ value: Int) { self.value = value }
    public init(integerLiteral value: Int) { self.value = value }

    public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

    public var description: String { String(self.value) }
}
