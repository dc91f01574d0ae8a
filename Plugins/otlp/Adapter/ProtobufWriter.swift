/// Writes the wire format of Protocol Buffers (proto3) into bytes.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    private mutating func tag(_ field: Int, _ type: Int) {
        Self.append(UInt64(field << 3 | type), to: &self.bytes)
    }

    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// An integer, boolean or enumeration; zero is written too, as members of a `oneof` need.
    package mutating func varint(_ field: Int, _ value: Int64) {
        self.tag(field, 0)
        Self.append(UInt64(bitPattern: value), to: &self.bytes)
    }

    package mutating func fixed64(_ field: Int, _ value: UInt64) {
        self.tag(field, 1)
        self.append(fixed64: value)
    }

    package mutating func double(_ field: Int, _ value: Double) { self.fixed64(field, value.bitPattern) }

    package mutating func data(_ field: Int, _ value: [UInt8]) {
        self.tag(field, 2)
        Self.append(UInt64(value.count), to: &self.bytes)
        self.bytes += value
    }

    package mutating func string(_ field: Int, _ value: String) { self.data(field, Array(value.utf8)) }

    /// Numbers behind each other, as repeated scalars are written.
    package mutating func packed(_ field: Int, _ values: some Collection<UInt64>) {
        self.tag(field, 2)
        Self.append(UInt64(values.count * 8), to: &self.bytes)
        for value in values { self.append(fixed64: value) }
    }

    private mutating func append(fixed64 value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            self.bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// A message inside this one.
    package mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        self.tag(field, 2)
        let start = self.bytes.count
        body(&self)
        // The length stands before what it is of, and is known only now.
        var length: [UInt8] = []
        Self.append(UInt64(self.bytes.count - start), to: &length)
        self.bytes.insert(contentsOf: length, at: start)
    }
}
