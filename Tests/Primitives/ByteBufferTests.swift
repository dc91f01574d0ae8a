import Primitives
import Testing

@Suite struct ByteBufferTests {
    @Test("Keeps its bytes when it grows")
    func grows() {
        let buffer = ByteBuffer(capacity: 16)
        for _ in 0..<100 { buffer.append("0123456789") }
        #expect(buffer.count == 1000)
        #expect(buffer.view.string == String(repeating: "0123456789", count: 100))
    }

    @Test("Appends bytes that lie in the very buffer, also when that makes it grow")
    func appendsItself() {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append("0123456789")
        for _ in 0..<4 { buffer.append(buffer.view) }
        #expect(buffer.view.string == String(repeating: "0123456789", count: 16))
    }

    @Test("Consumed bytes are gone, and compacting moves the rest to the front")
    func consumes() {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append("0123456789")
        buffer.consume(4)
        #expect(buffer.view == "456789")
        let spare = buffer.spare
        buffer.compact()
        #expect(buffer.view == "456789")
        #expect(buffer.spare == spare + 4)
        buffer.consume(6)
        #expect(buffer.isEmpty)
        #expect(buffer.writeIndex == 0)
    }

    @Test(
        "Writes numbers in decimal",
        arguments: [0, 9, 10, 99, 100, 999, 1000, 10_000_000_000_000_000_000, UInt64.max])
    func decimal(value: UInt64) {
        let buffer = ByteBuffer(capacity: 16)
        buffer.appendDecimal(value)
        #expect(buffer.view.string == String(value))
    }

    @Test("Writes numbers in hexadecimal", arguments: [0, 1, 15, 16, 255, 256, 0xABCDEF, UInt64.max])
    func hexadecimal(value: UInt64) {
        let buffer = ByteBuffer(capacity: 16)
        buffer.appendHexadecimal(value)
        #expect(buffer.view.string == String(value, radix: 16))
    }

    @Test("Replaces one byte")
    func replaces() {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append("abc")
        buffer.replace(at: 1, with: UInt8(ascii: "x"))
        #expect(buffer.view == "axc")
    }
}
