internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A response's head, parsed as it comes, whole, and again after writing.
struct ResponseRun {
    let kind: UInt8
    private let block = HeaderBlock(capacity: 16)

    init(kind: UInt8) { self.kind = kind }

    private func parse(
        _ bytes: UnsafeRawBufferPointer, _ step: Int, limits: HeadLimits = HTTP1HeadFuzz.limits
    ) -> (result: HeadResult?, facts: ResponseFacts) {
        var parser = ResponseHeadParser(limits: limits)
        var facts = ResponseFacts()
        let result: HeadResult? = HTTP1HeadFuzz.prefixes(bytes, step) { view in
            let result = parser.parse(
                view, into: self.block, facts: &facts, requestWasHead: self.kind == UInt8(ascii: "h"),
                upgradeAsked: self.kind == UInt8(ascii: "u")
            )
            return result == .incomplete ? nil : result
        }
        return (result, facts)
    }

    func check(_ bytes: UnsafeRawBufferPointer, _ step: Int) {
        let whole = self.parse(bytes, bytes.count)
        let wholeFields = HTTP1HeadFuzz.passedOn(self.block, whole.result)
        let (result, facts) = self.parse(bytes, step)
        precondition(result == whole.result, "\(String(describing: result)) by \(step)")
        if case .failed(let error) = result { precondition(error.status == 502) }
        guard case .complete(let count) = result else { return }
        precondition(count <= bytes.count)
        precondition(
            HTTP1HeadFuzz.passedOn(self.block, .complete(bytes: 0)) == wholeFields, "fields differ by \(step)"
        )

        let status = self.block.status
        var options = ResponseHeadOptions()
        options.upgrade = facts.isUpgrade
        options.wasHead = self.kind == UInt8(ascii: "h")
        options.keepAlive = facts.isKeepAlive
        let written = ByteBuffer(capacity: 16)
        HeadWriter.writeResponse(self.block, framing: facts.framing, options: options, to: written)
        let again = self.parse(
            written.view.buffer, written.count, limits: HeadLimits(head: 1 << 20, fields: 64))
        precondition(
            again.result == .complete(bytes: written.count),
            "\(written.view.string): \(String(describing: again))")
        precondition(self.block.status == status && again.facts.framing == facts.framing)
        precondition(
            HTTP1HeadFuzz.passedOn(self.block, .complete(bytes: 0)) == wholeFields,
            "fields differ after writing")
    }
}
