internal import CFuzzer
internal import Filtering
internal import HTTPCodec
internal import Primitives

/// Feeds an HTTP/2 session of either side.
///
/// The first byte says who it is (`c` a client with two requests on their way, anything else a server), the
/// second how many bytes come at a time. What follows is taken as frames, so that mutations keep their shape:
/// kind, flags, stream, length (one byte each), payload; a kind of 0xFF has the rest sent as it is.
@main
struct HTTP2SessionFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            HTTP2SessionFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 2 else { return }
        let isClient = input[0] == UInt8(ascii: "c")
        let bytes = self.opening(isClient) + self.frames(UnsafeRawBufferPointer(rebasing: input[2...]))
        let whole = FuzzEnd(isClient ? .client : .server)
        whole.feed(bytes, bytes.count)
        let pieces = FuzzEnd(isClient ? .client : .server)
        pieces.feed(bytes, max(1, Int(input[1])))
        precondition(whole.events == pieces.events, "\(whole.events) but in pieces \(pieces.events)")
        // Once more with a user who answers, echoes, pauses and resets.
        let busy = FuzzEnd(isClient ? .client : .server)
        busy.isBusy = true
        busy.feed(bytes, max(1, Int(input[1])))
        for end in [whole, pieces, busy] { end.finish() }
    }

    private static func opening(_ isClient: Bool) -> [UInt8] {
        (isClient ? [] : Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    }

    private static func frames(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        var at = 0
        while at + 4 <= input.count {
            if input[at] == 0xFF { return bytes + input[(at + 1)...] }
            let length = min(Int(input[at + 3]), input.count - at - 4)
            bytes += [0, 0, UInt8(length), input[at], input[at + 1], 0, 0, 0, input[at + 2]]
            bytes += input[(at + 4)..<(at + 4 + length)]
            at += 4 + length
        }
        return bytes
    }
}
