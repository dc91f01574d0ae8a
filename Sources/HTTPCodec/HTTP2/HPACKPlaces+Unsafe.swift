internal import Filtering
internal import Primitives

/// Where an encoder finds the entry that a field may have: one number for each value of a hash, the last that
/// was set. It may be another field's, or long gone: whoever looks compares.
struct HPACKPlaces: ~Copyable {
    private static var bits: UInt64 { 7 }
    // SAFETY: twice 2^`bits` numbers, owned by this value alone and freed in deinit: by field, then by name.
    private let numbers: UnsafeMutablePointer<UInt32>

    init() {
        self.numbers = .allocate(capacity: 2 << Self.bits)
        self.numbers.initialize(repeating: 0, count: 2 << Self.bits)
    }

    deinit { self.numbers.deallocate() }

    @inline(__always)
    static func key(_ id: HeaderID, _ value: ByteView) -> UInt64 {
        (Self.hash(value) ^ UInt64(id.rawValue)) &* 0x9E37_79B9_7F4A_7C15
    }

    static func key(_ name: ByteView, _ value: ByteView) -> UInt64 {
        (Self.hash(value) ^ Self.hash(name) &* 31) &* 0x9E37_79B9_7F4A_7C15
    }

    @inline(__always)
    func entry(_ key: UInt64) -> UInt32 { self.numbers[Int(key >> (64 &- Self.bits))] }

    func name(_ name: ByteView) -> UInt32 { self.numbers[Self.place(name)] }

    func set(_ key: UInt64, _ name: ByteView, _ number: UInt32) {
        self.numbers[Int(key >> (64 &- Self.bits))] = number
        self.numbers[Self.place(name)] = number
    }

    private static func place(_ name: ByteView) -> Int {
        Int((Self.hash(name) &* 0x9E37_79B9_7F4A_7C15) >> (64 &- Self.bits)) | 1 << Int(Self.bits)
    }

    /// Of the length and up to 24 bytes: the beginning, the middle and the end.
    @inline(__always)
    private static func hash(_ bytes: ByteView) -> UInt64 {
        let count = bytes.count
        var sum = UInt64(truncatingIfNeeded: count)
        if count >= 8 {
            sum ^= bytes.word(at: 0) &* 0xFF51_AFD7_ED55_8CCD
            sum ^= bytes.word(at: (count &- 8) >> 1) &* 0xC4CE_B9FE_1A85_EC53
            sum ^= bytes.word(at: count &- 8) &* 0x2545_F491_4F6C_DD1D
        } else {
            for index in 0..<count { sum = sum &* 0x1_0000_01B3 ^ UInt64(bytes[index]) }
        }
        return sum ^ sum >> 29
    }
}
