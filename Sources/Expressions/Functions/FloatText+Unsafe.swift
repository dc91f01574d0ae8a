internal import Glibc
internal import Primitives

/// Numbers with a given count of digits after the point, rounded to the nearest, ties to even.
enum FloatText {
    static func write(_ number: Double, precision: Int, isScientific: Bool, to buffer: ByteBuffer) {
        // 309 digits, the point, the sign, the fraction and the NUL.
        let most = 330 + precision
        buffer.reserve(most)
        // SAFETY: `most` bytes are free behind the write position; vsnprintf writes no more, with its NUL.
        let start = (buffer.base + buffer.writeIndex).assumingMemoryBound(to: CChar.self)
        let written = withVaList([Int32(precision), number]) {
            vsnprintf(start, most, isScientific ? "%.*e" : "%.*f", $0)
        }
        if written > 0 { buffer.writeIndex += min(Int(written), most - 1) }
    }
}
