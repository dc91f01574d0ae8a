internal import Glibc

/// The system's time zone database (Debian's tzdata).
enum ZoneFiles {
    private static let folder = "/usr/share/zoneinfo"
    private static let sizeLimit = 65_536

    /// - Returns: nil when there is no such zone. Reads a file: milliseconds at worst.
    static func read(_ name: String) -> ZoneData? {
        let isName = name.utf8.allSatisfy { byte in
            byte | 0x20 &- 0x61 < 26 || byte &- 0x30 < 10 || [0x2F, 0x2D, 0x2B, 0x5F].contains(byte)
        }
        guard isName, !name.hasPrefix("/"), let file = fopen("\(Self.folder)/\(name)", "rb") else {
            return nil
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        let count = fread(&bytes, 1, bytes.count, file)
        return ZoneData(bytes.prefix(count))
    }
}
