internal import Adapting
internal import Expressions
internal import Primitives

extension Value {
    /// Writes the value as records have it; absent when it is an error, or of a kind that no record holds.
    @inline(__always)
    func append(to writer: inout RecordWriter) {
        switch self.kind {
        case .string: writer.append(.string, self.asText ?? .empty)
        case .int: writer.append(.int64, bits: UInt64(bitPattern: self.asInt ?? 0))
        default: self.appendRare(to: &writer)
        }
    }

    @inline(never)
    private func appendRare(to writer: inout RecordWriter) {
        switch self.kind {
        case .bool: writer.append(.bool, bits: self.isTrue ? 1 : 0)
        case .uint: writer.append(.int64, bits: UInt64(Int64(clamping: self.asUInt ?? 0)))
        case .double: writer.append(.double, bits: (self.asDouble ?? 0).bitPattern)
        case .bytes, .type: writer.append(.string, self.asText ?? .empty)
        case .timestamp:
            let (seconds, nanoseconds) = self.asTimestamp ?? (0, 0)
            let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let moment = isOver ? (seconds < 0 ? .min : .max) : whole &+ Int64(nanoseconds)
            writer.append(.timestamp, bits: UInt64(bitPattern: moment))
        case .duration: writer.append(.duration, bits: UInt64(bitPattern: self.asDuration ?? 0))
        case .ip: if let address = self.asIP { writer.append(address) }
        default: writer.appendAbsent()
        }
    }
}
