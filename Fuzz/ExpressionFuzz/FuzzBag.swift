internal import Expressions
internal import Primitives

/// Attributes that hold arbitrary bytes.
final class FuzzBag: AttributeBag {
    private let text = ByteBuffer(capacity: 64)

    init(_ bytes: some Sequence<UInt8>) {
        super.init()
        for byte in bytes { self.text.append(byte) }
    }

    override func value(of id: AttributeID) -> Value {
        switch id.rawValue {
        case 0: .string(self.text.view)
        case 1: .int(Int64(self.text.count))
        case 2: .attributeMap(id)
        case 3: .double(Double(self.text.count) / 3)
        case 4: .timestamp(seconds: Int64(self.text.count) << 24, nanoseconds: 5)
        case 5: .duration(nanoseconds: Int64(self.text.count) << 40)
        case 6: .ip(IPAddress(ipv4: UInt32(self.text.count)))
        case 7: .bool(self.text.count % 2 == 0)
        default: .absent
        }
    }

    override func entry(of id: AttributeID, _ key: ByteView) -> Value {
        key == "k" ? .string(self.text.view) : .absent
    }

    override func entryCount(of id: AttributeID) -> Int { 1 }

    override func entry(of id: AttributeID, at index: Int) -> (key: ByteView, value: ByteView) {
        (ByteView("k"), self.text.view)
    }
}
