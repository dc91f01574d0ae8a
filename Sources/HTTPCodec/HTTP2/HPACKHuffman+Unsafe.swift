internal import Primitives

/// Decodes HPACK's Huffman code (RFC 7541, 5.2 and appendix B).
///
/// The code is canonical: it follows from the lengths of its 257 codes alone. One look-up decodes a code of
/// up to eight bits, which nearly all text has; longer ones are found by their length.
struct HPACKHuffman: @unchecked Sendable {
    static let shared = HPACKHuffman()

    private static var longest: Int { 30 }
    private static var end: UInt16 { 256 }

    // SAFETY: four runs of memory that are written once, by `init`, read from then on, and never freed, since
    // the only value lives as long as the process.
    /// By the next eight bits: the length of the code that they begin with, and its symbol; length 0 when it
    /// is a longer one.
    private let short: UnsafePointer<UInt16>
    /// By length: behind its last code, left in 32 bits.
    private let bounds: UnsafePointer<UInt32>
    /// By length: what turns a code into a place in `symbols`.
    private let offsets: UnsafePointer<Int>
    /// In the order of their codes.
    private let symbols: UnsafePointer<UInt16>

    /// Appends what `bytes` stand for.
    ///
    /// - Returns: false when they hold the end's code, or are not padded with its beginning.
    func decode(_ bytes: ByteView, to output: ByteBuffer) -> Bool {
        output.reserve(bytes.count * 8 / 5 + 1)
        let count = bytes.count
        let target = output.base
        var end = output.writeIndex
        // The next bits, from the left; zeros behind the last.
        var window: UInt64 = 0
        var bits = 0
        var at = 0
        while true {
            if bits <= 32 {
                if at &+ 4 <= count {
                    window |= UInt64(bytes.halfWord(at: at).bigEndian) << UInt64(32 &- bits)
                    bits &+= 32
                    at &+= 4
                } else {
                    while at < count {
                        window |= UInt64(bytes[at]) << UInt64(56 &- bits)
                        bits &+= 8
                        at &+= 1
                    }
                }
            }
            let found = self.short[Int(window >> 56)]
            var length = Int(found >> 8)
            var symbol = found & 0xFF
            if length == 0 { (length, symbol) = self.long(window) }
            if length > bits { break }
            if symbol == Self.end { return false }
            // Five bits or more for each byte: there is room.
            target.storeBytes(of: UInt8(truncatingIfNeeded: symbol), toByteOffset: end, as: UInt8.self)
            end &+= 1
            window <<= UInt64(length)
            bits &-= length
        }
        output.writeIndex = end
        // Less than a byte, and all ones.
        return bits < 8 && ~window >> UInt64(64 &- bits) == 0
    }

    @inline(never)
    private func long(_ window: UInt64) -> (length: Int, symbol: UInt16) {
        let top = UInt32(truncatingIfNeeded: window >> 32)
        var length = 10
        while length < Self.longest, top >= self.bounds[length] { length &+= 1 }
        let code = Int(top >> UInt32(32 &- length))
        return (length, self.symbols[code &+ self.offsets[length]])
    }

    private init() {
        let short = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
        let bounds = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.longest + 1)
        let offsets = UnsafeMutablePointer<Int>.allocate(capacity: Self.longest + 1)
        let symbols = UnsafeMutablePointer<UInt16>.allocate(capacity: Self.lengths.count)
        short.initialize(repeating: 0, count: 256)
        var code = 0
        var placed = 0
        for length in 1...Self.longest {
            code <<= 1
            offsets[length] = placed - code
            for symbol in Self.lengths.indices where Self.lengths[symbol] == length {
                symbols[placed] = UInt16(symbol)
                placed += 1
                if length <= 8 {
                    for rest in 0..<(1 << (8 - length)) {
                        short[code << (8 - length) | rest] = UInt16(length) << 8 | UInt16(symbol)
                    }
                }
                code += 1
            }
            bounds[length] = UInt32(clamping: UInt64(code) << UInt64(32 - length))
        }
        self.short = UnsafePointer(short)
        self.bounds = UnsafePointer(bounds)
        self.offsets = UnsafePointer(offsets)
        self.symbols = UnsafePointer(symbols)
    }

    /// Bits of each byte's code, and of the end's.
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]
}
