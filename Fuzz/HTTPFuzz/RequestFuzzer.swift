internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A request's head means the same however its bytes arrive, and again when it was written for a service.
enum RequestFuzzer {
    static func run(_ bytes: ByteView) {
        // A parser may refuse half a line or wait for its end; at an empty line it has to decide.
        let ended = ByteBuffer(capacity: bytes.count + 4)
        ended.append(bytes)
        ended.append("\r\n\r\n")
        let input = ended.view
        let limits = HeadLimits(head: 2048, fields: 16, url: 256)
        let whole = HeaderBlock()
        var facts = RequestFacts()
        var parser = RequestHeadParser(limits: limits)
        let result = parser.parse(input, into: whole, facts: &facts)
        let slow = Self.inParts(input, limits)
        guard HTTPFuzz.agree(slow, result) else { HTTPFuzz.found("\(result) at once, \(slow) byte by byte") }
        guard case .complete(let count) = result else { return }
        guard count > 0, count <= input.count else { HTTPFuzz.found("took \(count) of \(input.count) bytes") }
        Self.writeAndRead(whole, facts)
    }

    /// Shows one byte more each time, as a slow client does.
    private static func inParts(_ input: ByteView, _ limits: HeadLimits) -> HeadResult {
        var parser = RequestHeadParser(limits: limits)
        let block = HeaderBlock(capacity: 16)
        var facts = RequestFacts()
        var result = parser.parse(input[0..<0], into: block, facts: &facts)
        var shown = 0
        while shown < input.count, result == .incomplete {
            shown += 1
            result = parser.parse(input[0..<shown], into: block, facts: &facts)
        }
        return result
    }

    private static func writeAndRead(_ block: HeaderBlock, _ facts: RequestFacts) {
        guard !block.authority.isEmpty, !facts.isConnect else { return }
        let written = ByteBuffer(capacity: 4096)
        var options = RequestHeadOptions()
        options.via = false
        HeadWriter.writeRequest(block, framing: facts.framing, options: options, to: written)
        let again = HeaderBlock()
        var parser = RequestHeadParser()
        var factsAgain = RequestFacts()
        let result = parser.parse(written.view, into: again, facts: &factsAgain)
        guard result == .complete(bytes: written.count) else {
            HTTPFuzz.found("what was written is read as \(result)")
        }
        guard factsAgain.framing == facts.framing, again.path == block.path, again.method == block.method
        else {
            HTTPFuzz.found("what was written is another request")
        }
    }
}
