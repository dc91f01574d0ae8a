internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A response's head means the same however its bytes arrive.
enum ResponseFuzzer {
    static func run(_ bytes: ByteView) {
        // A parser may refuse half a line or wait for its end; at an empty line it has to decide.
        let ended = ByteBuffer(capacity: bytes.count + 4)
        ended.append(bytes)
        ended.append("\r\n\r\n")
        let input = ended.view
        let limits = HeadLimits(head: 2048, fields: 16, url: 256)
        let block = HeaderBlock()
        var facts = ResponseFacts()
        var parser = ResponseHeadParser(limits: limits)
        let whole = parser.parse(input, into: block, facts: &facts, requestWasHead: false)

        let slowBlock = HeaderBlock(capacity: 16)
        var slowFacts = ResponseFacts()
        var slow = ResponseHeadParser(limits: limits)
        var result = slow.parse(input[0..<0], into: slowBlock, facts: &slowFacts, requestWasHead: false)
        var shown = 0
        while shown < input.count, result == .incomplete {
            shown += 1
            result = slow.parse(input[0..<shown], into: slowBlock, facts: &slowFacts, requestWasHead: false)
        }
        guard HTTPFuzz.agree(result, whole) else {
            HTTPFuzz.found("\(whole) at once, \(result) byte by byte")
        }
        guard case .complete(let count) = whole else { return }
        guard count > 0, count <= input.count, facts.framing == slowFacts.framing else {
            HTTPFuzz.found(
                "framing depends on how it was split, or \(count) bytes of \(input.count) were taken")
        }
    }
}
