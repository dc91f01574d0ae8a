internal import Adapting
internal import CPosternABI
internal import Expressions
internal import Primitives

extension Value {
    /// What an adapter answered; its bytes stay where they are.
    init(_ value: postern_value) {
        switch RecordValueType(rawValue: value.type) {
        case .string:
            self = .string(ByteView(UnsafeRawBufferPointer(start: value.bytes.ptr, count: value.bytes.len)))
        case .int64: self = .int(value.integer)
        case .double: self = .double(value.number)
        case .bool: self = .bool(value.integer != 0)
        case .timestamp:
            let seconds = value.integer.floorDivided(by: 1_000_000_000)
            self = .timestamp(
                seconds: seconds,
                nanoseconds: UInt32(truncatingIfNeeded: value.integer - seconds * 1_000_000_000))
        case .duration: self = .duration(nanoseconds: value.integer)
        case .ipAddress:
            let view = ByteView(UnsafeRawBufferPointer(start: value.bytes.ptr, count: value.bytes.len))
            if view.count == 4 {
                self = .ip(IPAddress(ipv4: UInt32(bigEndian: view.halfWord(at: 0))))
            } else if view.count == 16 {
                self = .ip(
                    IPAddress(
                        high: UInt64(bigEndian: view.word(at: 0)), low: UInt64(bigEndian: view.word(at: 8))))
            } else {
                self = .absent
            }
        case .any, nil: self = .absent
        }
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
