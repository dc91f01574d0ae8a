/// A hash that takes one byte at a time, without regard to case.
public struct CallHash {
    public private(set) var value: UInt32 = 2_166_136_261
    public private(set) var length: UInt16 = 0

    public init() {}

    public mutating func add(_ byte: UInt8) {
        self.value = (self.value ^ UInt32(byte | 0x20)) &* 16_777_619
        self.length &+= 1
    }
}
