internal import Primitives

/// CRC-32C (Castagnoli; RFC 3720, B.4), eight bytes at a time.
enum Checksum {
    /// Eight tables of 256: the checksum of a byte, followed by none to seven zeros.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var rest = UInt32(byte)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1 }
            tables[byte] = rest
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    static func of(_ bytes: ByteView) -> UInt32 {
        // SAFETY: every index is below 8 × 256: the number of a table and a byte.
        self.tables.withUnsafeBufferPointer { tables in
            var sum = UInt32.max
            var at = 0
            while bytes.count &- at >= 8 {
                let word = bytes.word(at: at) ^ UInt64(sum)
                sum = 0
                for byte in 0..<8 {
                    let value = Int(truncatingIfNeeded: word >> UInt64(byte &* 8) & 0xFF)
                    sum ^= tables[(7 &- byte) &* 256 &+ value]
                }
                at &+= 8
            }
            while at < bytes.count {
                sum = sum >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[at])]
                at &+= 1
            }
            return ~sum
        }
    }
}
