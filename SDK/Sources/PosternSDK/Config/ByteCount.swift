/// A number of bytes, spelt `512B`, `64KiB`, `8MiB` or `1GiB` in configurations.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible, Decodable {
    /// How many.
    public let bytes: Int

    /// So many bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// A size as configurations spell it: at most nine digits and a unit.
    ///
    /// - Returns: nil when malformed.
    public init?(configText text: String) {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count), let count = Int(String(Substring(digits))) else { return nil }
        switch text.dropFirst(digits.count) {
        case "B": self.init(bytes: count)
        case "KiB": self.init(bytes: count << 10)
        case "MiB": self.init(bytes: count << 20)
        case "GiB": self.init(bytes: count << 30)
        default: return nil
        }
    }

    /// Reads a text.
    ///
    /// - Throws: ``ConfigProblem`` that says what is allowed.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let size = Self(configText: text) else {
            throw ConfigProblem(
                jsonPointer(decoder.codingPath), "must be a size like 512B, 64KiB or 8MiB, got '\(text)'")
        }
        self = size
    }

    /// By their numbers.
    public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }

    /// As a configuration spells it, with the largest unit that divides it.
    public var description: String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where self.bytes > 0 && self.bytes % (1 << shift) == 0 {
            return "\(self.bytes >> shift)\(unit)"
        }
        return "\(self.bytes)B"
    }
}
