internal import Primitives

/// Reading and writing of numbers.
enum NumberText {
    /// Appends the shortest digits that read back as the same number: `1.5`, `1e+06`, `NaN`.
    static func write(_ number: Double, to buffer: ByteBuffer) {
        guard number.isFinite else { return Self.writeSpecial(number, to: buffer) }
        let digits = ShortestDigits(number)
        if number.sign == .minus { buffer.append(0x2D) }
        let exponent = digits.point - 1
        if exponent < -4 || exponent >= 6 {
            buffer.append(digits[0])
            if digits.count > 1 { buffer.append(0x2E) }
            for index in 1..<max(1, digits.count) { buffer.append(digits[index]) }
            buffer.append(0x65)
            buffer.append(exponent < 0 ? 0x2D : 0x2B)
            buffer.appendPadded(UInt64(exponent.magnitude), digits: 2)
        } else {
            Self.writePlain(digits, to: buffer)
        }
    }

    /// As above, never with an exponent and without a fraction of 0.
    static func writePlain(_ number: Double, to buffer: ByteBuffer) {
        guard number.isFinite else { return Self.writeSpecial(number, to: buffer) }
        if number.sign == .minus, number != 0 { buffer.append(0x2D) }
        Self.writePlain(ShortestDigits(number), to: buffer)
    }

    private static func writePlain(_ digits: ShortestDigits, to buffer: ByteBuffer) {
        if digits.point <= 0 {
            buffer.append("0")
            if digits.count > 0, digits[0] != 0x30 {
                buffer.append(0x2E)
                for _ in digits.point..<0 { buffer.append(0x30) }
                for index in 0..<digits.count { buffer.append(digits[index]) }
            }
            return
        }
        for index in 0..<max(digits.point, digits.count) {
            if index == digits.point { buffer.append(0x2E) }
            buffer.append(index < digits.count ? digits[index] : 0x30)
        }
    }

    static func writeSpecial(_ number: Double, to buffer: ByteBuffer) {
        buffer.append(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity" as StaticString)
    }

    /// An integer in decimal digits, with a sign if it is signed.
    static func signed(_ text: ByteView) -> Int64? {
        guard text.count > 0 else { return nil }
        let isNegative = text[0] == 0x2D
        let rest = isNegative || text[0] == 0x2B ? text.dropFirst(1) : text
        guard let magnitude = rest.decimal() else { return nil }
        if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    /// A decimal number, or `NaN`, `Infinity` with or without a sign.
    static func double(_ text: ByteView) -> Double? {
        guard text.count > 0, text.count < 1024 else { return nil }
        for index in 0..<text.count {
            switch text[index] {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x65, 0x45: continue
            default: break
            }
            let unsigned = text[0] == 0x2B || text[0] == 0x2D ? text.dropFirst(1) : text
            let isNegative = text[0] == 0x2D
            if unsigned.equalsIgnoringCase(ByteView("nan")) { return .nan }
            if unsigned.equalsIgnoringCase(ByteView("inf"))
                || unsigned.equalsIgnoringCase(ByteView("infinity"))
            {
                return isNegative ? -.infinity : .infinity
            }
            return nil
        }
        return Double(text.string)
    }
}
