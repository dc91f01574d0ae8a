import Filtering
import HTTPCodec
import Primitives
import Testing

@Suite struct GRPCTests {
    @Test(
        "A timeout is at most eight digits and a unit",
        arguments: [
            ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000),
            ("5u", 5000), ("6n", 6), ("0m", 0), ("99999999S", 99_999_999_000_000_000),
        ] as [(String, UInt64)])
    func timeout(text: String, nanoseconds: UInt64) {
        #expect(text.withByteView { GRPCTimeout(parsing: $0) }?.nanoseconds == nanoseconds)
    }

    @Test(
        "A timeout that no number of nanoseconds holds is a very long one",
        arguments: ["9999999H", "99999999H"])
    func longTimeout(text: String) throws {
        let timeout = try #require(text.withByteView { GRPCTimeout(parsing: $0) }).nanoseconds
        #expect(MonotonicTime.now().advanced(byNanoseconds: timeout) > MonotonicTime.now())
        #expect(timeout > 1_000_000 * 3_600_000_000_000)
    }

    @Test(
        "Anything else is no timeout",
        arguments: ["", "S", "1", "123456789S", "-1S", "1.5S", "1s", "1 S", " 1S", "1SS", "0x1S"])
    func noTimeout(text: String) {
        #expect(text.withByteView { GRPCTimeout(parsing: $0) } == nil)
    }

    @Test(
        "A timeout is written so that it is read as the same, or a little less",
        arguments: [
            0, 7, 99_999_999, 100_000_000, 2_000_000_000, 86_400_000_000_000, 1_234_567_891_234,
        ] as [UInt64])
    func written(nanoseconds: UInt64) throws {
        let buffer = ByteBuffer(capacity: 16)
        GRPCTimeout(nanoseconds: nanoseconds).write(to: buffer)
        let read = try #require(GRPCTimeout(parsing: buffer.view)).nanoseconds
        #expect(read <= nanoseconds)
        #expect(nanoseconds - read <= nanoseconds / 10_000)
    }

    @Test("A message keeps printable ASCII, and has all else as %XX")
    func message() {
        let buffer = ByteBuffer(capacity: 64)
        "no: 100% é\n~".withByteView { GRPCMessage.encode($0, to: buffer) }
        #expect(buffer.view.string == "no: 100%25 %C3%A9%0A~")
    }

    @Test("gRPC's media type and its subtypes are gRPC; gRPC-Web's are not")
    func types() {
        for type in ["application/grpc", "application/grpc+proto", "Application/GRPC; a=b"] {
            #expect(type.withByteView(GRPCMessage.isType), "\(type)")
        }
        for type in [
            "application/grpc-web", "application/grpc-web-text+proto", "application/grp", "text/html",
        ] {
            #expect(!type.withByteView(GRPCMessage.isType), "\(type)")
        }
    }
}
