import PosternSDK
import Testing

@Suite struct ByteCountTests {
    @Test(
        "A size is a number and a unit, and is written with the largest unit that divides it",
        arguments: [
            ("0B", 0, "0B"), ("512B", 512, "512B"), ("64KiB", 65_536, "64KiB"), ("1024KiB", 1 << 20, "1MiB"),
            ("1GiB", 1 << 30, "1GiB"), ("1025B", 1025, "1025B"),
        ])
    func sizes(_ text: String, _ bytes: Int, _ shown: String) {
        #expect(ByteCount(configText: text)?.bytes == bytes)
        #expect(ByteCount(bytes: bytes).description == shown)
    }

    @Test(
        "Anything else is none",
        arguments: ["", "5", "KiB", "-1B", "1.5MiB", "1kb", "1 MiB", "1234567890B", "1MiBB"])
    func refused(_ text: String) {
        #expect(ByteCount(configText: text) == nil)
    }
}
