/// A place in a configuration file: where a value begins and the way to it from the root.
public struct ConfigLocation: Sendable, Hashable, CustomStringConvertible {
    /// The way from the root, as `routes[0].rules[1].timeout`; empty at the root.
    public var path: String
    /// Counts from 1; 0 when the value comes from no file.
    public var line: Int
    /// Characters (Unicode scalars) from the line's start, from 1; 0 when the value comes from no file.
    public var column: Int

    public init(path: String, line: Int, column: Int) {
        self.path = path
        self.line = line
        self.column = column
    }

    /// The place of a value that was made in code.
    public static let none = ConfigLocation(path: "", line: 0, column: 0)

    public var description: String { "\(self.line):\(self.column): \(self.path)" }
}
