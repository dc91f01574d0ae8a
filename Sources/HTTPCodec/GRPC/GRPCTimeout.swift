public import Primitives

/// The value of `grpc-timeout`: how long the client of a call waits.
public struct GRPCTimeout: Sendable, Hashable {
    /// What is longer counts as this, 146 years: added to any time it does not overflow.
    static let longest: UInt64 = 1 << 62

    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// At most eight digits and one of the units H, M, S, m, u and n; nil when it is anything else.
    public init?(parsing value: ByteView) {
        guard value.count >= 2, value.count <= 9, let number = value[0..<value.count - 1].decimal(),
            let unit = Self.unit(value[value.count - 1])
        else { return nil }
        let (product, isOver) = number.multipliedReportingOverflow(by: unit)
        self.nanoseconds = isOver ? Self.longest : min(product, Self.longest)
    }

    private static func unit(_ letter: UInt8) -> UInt64? {
        switch letter {
        case UInt8(ascii: "H"): 3_600_000_000_000
        case UInt8(ascii: "M"): 60_000_000_000
        case UInt8(ascii: "S"): 1_000_000_000
        case UInt8(ascii: "m"): 1_000_000
        case UInt8(ascii: "u"): 1000
        case UInt8(ascii: "n"): 1
        default: nil
        }
    }

    /// Appends it in the finest unit whose number has at most eight digits, rounded down.
    public func write(to buffer: ByteBuffer) {
        for letter in [UInt8(ascii: "n"), UInt8(ascii: "u"), UInt8(ascii: "m"), UInt8(ascii: "S")] {
            let number = self.nanoseconds / (Self.unit(letter) ?? 1)
            guard number < 100_000_000 else { continue }
            buffer.appendDecimal(number)
            return buffer.append(letter)
        }
        buffer.append("99999999S")
    }
}
