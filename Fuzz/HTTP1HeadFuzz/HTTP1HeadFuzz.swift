internal import CFuzzer
internal import Filtering
internal import HTTPCodec
internal import Primitives

/// Feeds arbitrary bytes to the parsers of heads.
///
/// The first byte says what follows: `r` a response, `h` one to HEAD, `u` one to an upgrade, anything else a
/// request. The second is how many bytes come at a time.
@main
struct HTTP1HeadFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            HTTP1HeadFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static let limits = HeadLimits(head: 4096, fields: 32, url: 1024)

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 2 else { return }
        let step = max(1, Int(input[1]))
        let bytes = UnsafeRawBufferPointer(rebasing: input[2...])
        switch input[0] {
        case UInt8(ascii: "r"), UInt8(ascii: "h"), UInt8(ascii: "u"):
            ResponseRun(kind: input[0]).check(bytes, step)
        default: RequestRun().check(bytes, step)
        }
    }

    /// Lends each prefix in memory of its very size, so that the address sanitizer sees any byte read past
    /// it.
    static func prefixes<Result>(
        _ bytes: UnsafeRawBufferPointer, _ step: Int, _ parse: (ByteView) -> Result?
    ) -> Result? {
        var count = 0
        while count < bytes.count {
            count = min(bytes.count, count + step)
            let copy = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
            defer { copy.deallocate() }
            if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: count) }
            if let result = parse(ByteView(base: UnsafeRawPointer(copy), count: count)) { return result }
        }
        return nil
    }

    /// Names and values of what is passed on, `Via` apart, which the writer adds to.
    static func passedOn(_ block: HeaderBlock, _ result: HeadResult?) -> [[UInt8]] {
        // Before a head is complete its bytes are not in the block.
        guard case .complete = result else { return [] }
        let dropped: [HeaderID] = [
            .host, .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade,
            .te, .trailer,
            .http2Settings, .expect, .via,
        ]
        var list: [[UInt8]] = []
        for index in 0..<block.count where !dropped.contains(block[index].id) {
            list.append(block.name(block[index]).bytes)
            list.append(block.value(block[index]).bytes)
        }
        return list
    }
}
