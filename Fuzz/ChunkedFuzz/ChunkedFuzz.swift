internal import CFuzzer
internal import Filtering
internal import HTTPCodec
internal import Primitives

/// Feeds arbitrary bytes to the decoder of chunked bodies; the first byte is how many come at a time.
@main
struct ChunkedFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            ChunkedFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    struct Outcome: Equatable {
        var body: [UInt8] = []
        var trailers: [[UInt8]] = []
        var consumed = 0
        var isEnd = false
        var error: HTTPError?
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 1 else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: input[1...])
        let whole = self.decode(bytes, bytes.count)
        let pieces = self.decode(bytes, max(1, Int(input[0])))
        precondition(whole == pieces, "\(whole) but in pieces \(pieces)")
        if whole.isEnd { self.expectSameAfterWriting(whole) }
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, _ step: Int, limits: HeadLimits = HeadLimits(head: 512, fields: 8)
    ) -> Outcome {
        var decoder = BodyDecoder()
        decoder.begin(.chunked, limits: limits)
        let trailers = HeaderBlock(capacity: 16)
        var outcome = Outcome()
        var start = 0
        while start < bytes.count, !outcome.isEnd, outcome.error == nil {
            // Memory of its very size, so that the address sanitizer sees any byte read past it.
            let count = min(step, bytes.count - start)
            let copy = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
            defer { copy.deallocate() }
            if let from = bytes.baseAddress { copy.copyMemory(from: from + start, byteCount: count) }
            var rest = ByteView(base: UnsafeRawPointer(copy), count: count)
            while !rest.isEmpty, !outcome.isEnd, outcome.error == nil {
                let next = decoder.next(rest, trailers: trailers)
                precondition(next.consumed > 0 || next.error != nil, "no progress")
                outcome.body += next.data.bytes
                outcome.consumed += next.consumed
                outcome.isEnd = next.isEnd
                outcome.error = next.error
                rest = rest.dropFirst(next.consumed)
            }
            start += count
        }
        // Where in a line a fault was seen says nothing.
        if outcome.error != nil { outcome.consumed = 0 }
        precondition(outcome.isEnd == decoder.isFinished)
        if outcome.isEnd {
            for index in 0..<trailers.count {
                outcome.trailers.append(trailers.name(trailers[index]).bytes)
                outcome.trailers.append(trailers.value(trailers[index]).bytes)
            }
        }
        return outcome
    }

    private static func expectSameAfterWriting(_ outcome: Outcome) {
        let trailers = HeaderBlock(capacity: 16)
        for index in stride(from: 0, to: outcome.trailers.count, by: 2) {
            let edit = outcome.trailers[index].withByteView { name in
                outcome.trailers[index + 1].withByteView { trailers.add(name, $0) }
            }
            precondition(edit == .done)
        }
        let written = ByteBuffer(capacity: 16)
        if !outcome.body.isEmpty {
            HeadWriter.writeChunkHeader(length: outcome.body.count, to: written)
            outcome.body.withByteView { written.append($0) }
            HeadWriter.writeChunkEnd(to: written)
        }
        HeadWriter.writeLastChunk(trailers: trailers, to: written)
        let again = self.decode(written.view.buffer, written.count, limits: HeadLimits())
        precondition(again.isEnd && again.body == outcome.body, "\(again)")
        precondition(again.trailers == outcome.trailers, "\(again)")
    }
}
