import Primitives
import Testing

@Suite struct ByteCountTests {
    @Test(
        "Is described by the largest unit that divides it",
        arguments: [
            (ByteCount.bytes(0), "0B"), (.bytes(1000), "1000B"), (.bytes(2048), "2KiB"),
            (.kibibytes(64), "64KiB"),
            (.kibibytes(1024), "1MiB"), (.gibibytes(3), "3GiB"),
        ]
    )
    func description(count: ByteCount, expected: String) { #expect(count.description == expected) }

    @Test("Compares by bytes")
    func compares() { #expect(ByteCount.kibibytes(1) < .bytes(1025)) }
}
