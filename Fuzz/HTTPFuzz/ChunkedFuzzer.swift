internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A chunked body is the same bytes, with the same end or error, however it arrives.
enum ChunkedFuzzer {
    private struct Outcome: Equatable {
        var body: [UInt8] = []
        var taken = 0
        var isEnd = false
        var error: HTTPError?
        var trailers = 0
    }

    static func run(_ input: ByteView) {
        guard input.count > 1 else { return }
        let size = Int(input[0] % 7) + 1
        let bytes = input[1..<input.count]
        let whole = Self.read(bytes, atOnce: bytes.count)
        let parts = Self.read(bytes, atOnce: size)
        guard whole == parts else { HTTPFuzz.found("at once: \(whole)\nin parts of \(size): \(parts)") }
    }

    private static func read(_ bytes: ByteView, atOnce size: Int) -> Outcome {
        var outcome = Outcome()
        let trailers = HeaderBlock(capacity: 16)
        var decoder = BodyDecoder()
        decoder.begin(.chunked, limits: HeadLimits(head: 512, fields: 8))
        var end = 0
        var idle = 0
        while outcome.taken < bytes.count, !outcome.isEnd, outcome.error == nil {
            if idle > 0 || end <= outcome.taken { end = min(bytes.count, max(end, outcome.taken) + size) }
            let step = decoder.next(bytes[outcome.taken..<end], trailers: trailers)
            for index in 0..<step.data.count { outcome.body.append(step.data[index]) }
            outcome.taken += step.consumed
            outcome.isEnd = step.isEnd
            outcome.error = step.error
            idle = step.consumed == 0 ? idle + 1 : 0
            // A decoder may wait for the rest of a line, but not when it has seen all there is.
            if idle > 0, end == bytes.count { break }
        }
        if outcome.error != nil { outcome.taken = 0 }
        if outcome.isEnd { outcome.trailers = trailers.count }
        return outcome
    }
}
