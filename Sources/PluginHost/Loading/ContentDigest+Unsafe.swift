/// 128 bits that stand for a file's content: SipHash-2-4-128 (Aumasson and Bernstein) with a fixed key.
///
/// Not against forgers, who need no trick once they can write plugin files; the store compares bytes besides.
struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    let high, low: UInt64

    private struct State {
        var a: UInt64 = 0x736f_6d65_7073_6575 ^ 0x706f_7374_6572_6e20
        var b: UInt64 = 0x646f_7261_6e64_6f6d ^ 0x706c_7567_696e_7321 ^ 0xEE
        var c: UInt64 = 0x6c79_6765_6e65_7261 ^ 0x706f_7374_6572_6e20
        var d: UInt64 = 0x7465_6462_7974_6573 ^ 0x706c_7567_696e_7321

        mutating func round() {
            self.a &+= self.b
            self.b = (self.b << 13 | self.b >> 51) ^ self.a
            self.a = self.a << 32 | self.a >> 32
            self.c &+= self.d
            self.d = (self.d << 16 | self.d >> 48) ^ self.c
            self.a &+= self.d
            self.d = (self.d << 21 | self.d >> 43) ^ self.a
            self.c &+= self.b
            self.b = (self.b << 17 | self.b >> 47) ^ self.c
            self.c = self.c << 32 | self.c >> 32
        }

        mutating func absorb(_ word: UInt64) {
            self.d ^= word
            self.round()
            self.round()
            self.a ^= word
        }

        mutating func squeeze() -> UInt64 {
            for _ in 0..<4 { self.round() }
            return self.a ^ self.b ^ self.c ^ self.d
        }
    }

    init(of bytes: [UInt8]) {
        var state = State()
        let whole = bytes.count & ~7
        bytes.withUnsafeBytes { buffer in
            // SAFETY: `offset + 8 <= whole <= count`.
            var offset = 0
            while offset < whole {
                state.absorb(
                    UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        for (index, byte) in bytes[whole...].enumerated() { last |= UInt64(byte) << UInt64(index * 8) }
        state.absorb(last)
        state.c ^= 0xEE
        self.high = state.squeeze()
        state.b ^= 0xDD
        self.low = state.squeeze()
    }

    /// 32 hexadecimal digits.
    var description: String {
        [self.high, self.low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
