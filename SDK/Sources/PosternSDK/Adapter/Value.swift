public import CPosternABI

/// One value of a record, for the length of one call.
public enum Value: ~Escapable {
    /// An attribute was not there.
    case absent
    /// Text; may be bytes that are no UTF-8.
    case string(Span<UInt8>)
    /// A whole number.
    case int64(Int64)
    /// A number.
    case double(Double)
    /// True or false.
    case bool(Bool)
    /// A moment.
    case timestamp(Timestamp)
    /// Nanoseconds.
    case duration(Int64)
    /// 4 or 16 bytes in network order.
    case ipAddress(Span<UInt8>)

    @inlinable
    @_lifetime(immortal)
    init(_ value: postern_value) {
        switch value.type {
        case 1: self = .string(value.bytes.span)
        case 2: self = .int64(value.integer)
        case 3: self = .double(value.number)
        case 4: self = .bool(value.integer != 0)
        case 5: self = .timestamp(Timestamp(nanoseconds: value.integer))
        case 6: self = .duration(value.integer)
        case 7: self = .ipAddress(value.bytes.span)
        default: self = .absent
        }
    }

    /// Writes it as text: moments as RFC 3339, durations as `1.5s`, addresses as people do, nothing when
    /// absent.
    public func append(to out: inout [UInt8]) {
        switch self {
        case .absent: return
        case .string(let bytes): out.append(contentsOf: bytes)
        case .int64(let number): out.append(number: number)
        case .double(let number): out.append(contentsOf: "\(number)".utf8)
        case .bool(let flag): out.append(contentsOf: flag ? "true".utf8 : "false".utf8)
        case .timestamp(let moment): moment.append(to: &out)
        case .duration(let nanoseconds): out.append(duration: nanoseconds)
        case .ipAddress(let bytes): out.append(address: bytes)
        }
    }

    /// Writes it as JSON: numbers and booleans as such, null when absent or no finite number, else as a
    /// string.
    public func appendJSON(to out: inout [UInt8]) {
        switch self {
        case .absent: out.append(contentsOf: "null".utf8)
        case .string(let bytes): out.append(jsonString: bytes)
        case .int64, .bool: self.append(to: &out)
        case .double(let number):
            out.append(contentsOf: number.isFinite ? "\(number)".utf8 : "null".utf8)
        case .timestamp, .duration, .ipAddress:
            out.append(0x22)
            self.append(to: &out)
            out.append(0x22)
        }
    }
}

extension Record {
    /// Writes its values as one JSON object by column names, `"severity":"info",…`; absent ones are left out.
    ///
    /// - Parameter names: The names as JSON with their quotes, see ``Shape/jsonNames``; kept by who writes
    ///   many.
    public func appendJSON(to out: inout [UInt8], names: [[UInt8]]) {
        out.append(0x7B)
        var isFirst = true
        for index in 0..<self.count {
            let value = self[index]
            if case .absent = value { continue }
            if !isFirst { out.append(0x2C) }
            isFirst = false
            out.append(contentsOf: names[index])
            out.append(0x3A)
            value.appendJSON(to: &out)
        }
        out.append(0x7D)
    }
}

extension Shape {
    /// The names of its columns as JSON strings.
    public var jsonNames: [[UInt8]] {
        self.columnNames.map {
            var name: [UInt8] = []
            let bytes = Array($0.utf8)
            name.append(jsonString: bytes.span)
            return name
        }
    }
}
