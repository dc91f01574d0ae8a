internal import Primitives

/// How sizes are written: a whole number and a unit (`64KiB`).
enum ConfigByteCount {
    static let pattern = "^[0-9]{1,9}(B|KiB|MiB|GiB)$"

    /// - Returns: nil for anything else.
    static func parse(_ text: String) -> ByteCount? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(digits.count), let count = Int(String(Substring(digits))) else { return nil }
        switch text.dropFirst(digits.count) {
        case "B": return .bytes(count)
        case "KiB": return .kibibytes(count)
        case "MiB": return .mebibytes(count)
        case "GiB": return .gibibytes(count)
        default: return nil
        }
    }
}
