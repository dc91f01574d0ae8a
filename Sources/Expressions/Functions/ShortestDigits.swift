/// The fewest decimal digits that mean a finite number: `0.digits × 10^point`.
struct ShortestDigits {
    // 17 digits at most.
    private var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private(set) var count = 0
    private(set) var point = 0

    init(_ number: Double) {
        var pointAt: Int?
        var seen = 0
        var exponent = 0
        var isExponent = false
        var isNegative = false
        for byte in number.magnitude.description.utf8 {
            switch byte {
            case 0x65: isExponent = true
            case 0x2E: pointAt = seen
            case 0x2D: isNegative = true
            case 0x2B: break
            default:
                if isExponent {
                    exponent = exponent * 10 + Int(byte - 0x30)
                } else {
                    seen += 1
                    self.append(byte)
                }
            }
        }
        self.point = (pointAt ?? seen) + (isNegative ? -exponent : exponent) - (seen - self.trimmed)
        while self.count > 1, self[self.count - 1] == 0x30 { self.count -= 1 }
        if self.count == 0 || self.count == 1 && self[0] == 0x30 {
            self.digits = (0x30, 0, 0)
            self.count = 1
            self.point = 1
        }
    }

    /// Digits that were kept, with the zeros dropped in front counted out of ``point``.
    private var trimmed = 0

    private mutating func append(_ byte: UInt8) {
        if self.count == 0, byte == 0x30 { return }
        self.trimmed += 1
        guard self.count < 24 else { return }
        let shift = UInt64(self.count % 8 * 8)
        switch self.count / 8 {
        case 0: self.digits.0 |= UInt64(byte) << shift
        case 1: self.digits.1 |= UInt64(byte) << shift
        default: self.digits.2 |= UInt64(byte) << shift
        }
        self.count += 1
    }

    /// A digit's character.
    subscript(index: Int) -> UInt8 {
        let shift = UInt64(index % 8 * 8)
        let word = index < 8 ? self.digits.0 : index < 16 ? self.digits.1 : self.digits.2
        return UInt8(truncatingIfNeeded: word >> shift)
    }
}
