import HTTPCodec
import Primitives
import Testing

@Suite struct HTTPDateTests {
    @Test(
        "Spells moments as RFC 9110 does",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        ] as [(UInt64, String)]
    )
    func spelling(seconds: UInt64, expected: String) {
        let buffer = ByteBuffer(capacity: 16)
        HTTPDate(WallTime(nanosecondsSinceEpoch: seconds * 1_000_000_000 + 999_999_999)).write(to: buffer)
        #expect(buffer.view.string == expected)
    }
}
