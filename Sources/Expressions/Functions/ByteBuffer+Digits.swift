internal import Primitives

extension ByteBuffer {
    /// Appends `value` with leading zeros.
    func appendPadded(_ value: UInt64, digits: Int) {
        var bound: UInt64 = 10
        var zeros = digits - 1
        while zeros > 0, value >= bound {
            zeros -= 1
            bound *= 10
        }
        for _ in 0..<zeros { self.append(0x30) }
        self.appendDecimal(value)
    }

    /// Appends `value` with its sign.
    func appendSigned(_ value: Int64) {
        if value < 0 { self.append(0x2D) }
        self.appendDecimal(value.magnitude)
    }

    /// Appends `.123`, nothing for 0; in groups of three digits when `inThrees`.
    func appendFraction(nanoseconds: UInt64, inThrees: Bool = false) {
        guard nanoseconds > 0 else { return }
        var digits = 9
        var value = nanoseconds
        let (step, divisor): (Int, UInt64) = inThrees ? (3, 1000) : (1, 10)
        while value % divisor == 0 {
            value /= divisor
            digits -= step
        }
        self.append(0x2E)
        self.appendPadded(value, digits: digits)
    }
}
