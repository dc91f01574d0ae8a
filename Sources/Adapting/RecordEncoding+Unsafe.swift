public import CPosternABI
internal import Glibc
public import Primitives

// A record as bytes, for rings, queues and spools: a value after the other,
//
//     absent      | 0 |
//     number      | type | 8 bytes |                    (int64, double, bool, timestamp, duration)
//     bytes       | type | 4 bytes: length | bytes |    (string, IP address)
//
// in the byte order of the machine: a spool is read by the machine that wrote it.

/// Writes values into memory of a known size.
public struct RecordWriter {
    // SAFETY: `base` addresses `capacity` bytes that are the caller's until it is done; nothing is written past
    // them: `overflowed` says so instead.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// Bytes written.
    public private(set) var count = 0
    public private(set) var overflowed = false

    public init(_ base: UnsafeMutableRawPointer, capacity: Int) {
        self.base = base
        self.capacity = capacity
    }

    @inline(__always)
    public mutating func appendAbsent() {
        guard self.room(1) else { return }
        self.base.storeBytes(of: 0, toByteOffset: self.count, as: UInt8.self)
        self.count &+= 1
    }

    @inline(__always)
    public mutating func append(_ type: RecordValueType, bits: UInt64) {
        guard self.room(9) else { return }
        self.base.storeBytes(of: UInt8(truncatingIfNeeded: type.rawValue), toByteOffset: self.count, as: UInt8.self)
        self.base.storeBytes(of: bits, toByteOffset: self.count &+ 1, as: UInt64.self)
        self.count &+= 9
    }

    @inline(__always)
    public mutating func append(_ type: RecordValueType, _ bytes: ByteView) {
        guard self.room(5 &+ bytes.count) else { return }
        self.base.storeBytes(of: UInt8(truncatingIfNeeded: type.rawValue), toByteOffset: self.count, as: UInt8.self)
        self.base.storeBytes(
            of: UInt32(truncatingIfNeeded: bytes.count), toByteOffset: self.count &+ 1, as: UInt32.self)
        memcpy(self.base + (self.count &+ 5), bytes.base, bytes.count)
        self.count &+= 5 &+ bytes.count
    }

    /// Appends a value as adapters see it.
    public mutating func append(_ value: postern_value) {
        switch RecordValueType(rawValue: value.type) {
        case .string, .ipAddress:
            let view = ByteView(UnsafeRawBufferPointer(start: value.bytes.ptr, count: value.bytes.len))
            self.append(RecordValueType(rawValue: value.type) ?? .string, view)
        case .double: self.append(.double, bits: value.number.bitPattern)
        case .int64, .bool, .timestamp, .duration:
            self.append(
                RecordValueType(rawValue: value.type) ?? .int64, bits: UInt64(bitPattern: value.integer))
        case .any, nil: self.appendAbsent()
        }
    }

    private mutating func room(_ bytes: Int) -> Bool {
        if self.capacity &- self.count >= bytes, !self.overflowed { return true }
        self.overflowed = true
        return false
    }
}

/// Reads what ``RecordWriter`` wrote.
public struct RecordReader {
    // SAFETY: every read is within `bytes`, checked first.
    private let bytes: ByteView
    private var at = 0

    public init(_ bytes: ByteView) { self.bytes = bytes }

    public var isAtEnd: Bool { self.at == self.bytes.count }

    /// The next value, whose bytes live as long as those that it is read from.
    ///
    /// - Returns: nil when the bytes are no record.
    public mutating func next() -> postern_value? {
        guard self.at < self.bytes.count else { return nil }
        let tag = self.bytes[self.at]
        self.at += 1
        var value = postern_value()
        value.type = UInt32(tag)
        switch RecordValueType(rawValue: UInt32(tag)) {
        case .any: return value
        case .string, .ipAddress:
            guard self.bytes.count - self.at >= 4 else { return nil }
            let length = Int(self.bytes.base.loadUnaligned(fromByteOffset: self.at, as: UInt32.self))
            self.at += 4
            guard self.bytes.count - self.at >= length else { return nil }
            value.bytes = postern_bytes(
                ptr: (self.bytes.base + self.at).assumingMemoryBound(to: UInt8.self), len: length)
            self.at += length
            return value
        case .int64, .double, .bool, .timestamp, .duration:
            guard self.bytes.count - self.at >= 8 else { return nil }
            let bits = self.bytes.base.loadUnaligned(fromByteOffset: self.at, as: UInt64.self)
            self.at += 8
            if tag == UInt8(RecordValueType.double.rawValue) {
                value.number = Double(bitPattern: bits)
            } else {
                value.integer = Int64(bitPattern: bits)
            }
            return value
        case nil: return nil
        }
    }

    /// Reads as many values as `shape` has columns into `values`.
    ///
    /// - Returns: false when the bytes are no record of that shape.
    public static func read(
        _ bytes: ByteView, _ shape: RecordShape, into values: UnsafeMutablePointer<postern_value>
    ) -> Bool {
        var reader = RecordReader(bytes)
        for index in shape.columns.indices {
            guard let value = reader.next() else { return false }
            let type = shape.columns[index].type
            guard value.type == 0 || type == .any || value.type == type.rawValue else { return false }
            (values + index).initialize(to: value)
        }
        return reader.isAtEnd
    }
}
