/// Takes a TZif file apart.
struct ZoneReader {
    struct Header {
        let version: UInt8
        let isUTC, isStandard, leaps, times, types, characters: Int

        /// Bytes of the block behind the header.
        func size(timeBytes: Int) -> Int {
            self.times * (timeBytes + 1) + self.types * 6 + self.characters + self.leaps * (timeBytes + 4)
                + self.isStandard + self.isUTC
        }
    }

    private static let headerSize = 44

    let bytes: [UInt8]
    private(set) var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() -> Header? {
        let start = self.index
        guard start + Self.headerSize <= self.bytes.count, self.bytes[start...].starts(with: "TZif".utf8)
        else {
            return nil
        }
        let counts = (0..<6).map { Int(self.number(at: start + 20 + $0 * 4, bytes: 4)) }
        guard counts.allSatisfy({ (0...65_536).contains($0) }) else { return nil }
        self.index += Self.headerSize
        let version = self.bytes[start + 4]
        return Header(
            version: version, isUTC: counts[0], isStandard: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], characters: counts[5])
    }

    mutating func skip(_ count: Int) { self.index = min(self.index + count, self.bytes.count) }

    /// A signed big-endian number.
    func number(at index: Int, bytes count: Int) -> Int64 {
        guard index >= 0, index + count <= self.bytes.count else { return 0 }
        var value: UInt64 = 0
        for byte in self.bytes[index..<index + count] { value = value << 8 | UInt64(byte) }
        let shift = UInt64(64 - count * 8)
        return Int64(bitPattern: value << shift) >> Int64(shift)
    }

    /// The line at the end: the rule for times after the last transition.
    func footer() -> String {
        let line = self.bytes[self.index...].dropFirst().prefix { $0 != 0x0A }
        return String(decoding: line, as: UTF8.self)
    }
}
