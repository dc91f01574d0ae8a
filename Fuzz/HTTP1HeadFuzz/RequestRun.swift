internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A request's head, parsed as it comes, whole, and again after writing.
struct RequestRun {
    private let block = HeaderBlock(capacity: 16)

    private func parse(
        _ bytes: UnsafeRawBufferPointer, _ step: Int, limits: HeadLimits = HTTP1HeadFuzz.limits
    ) -> (result: HeadResult?, facts: RequestFacts) {
        var parser = RequestHeadParser(limits: limits)
        var facts = RequestFacts()
        let result: HeadResult? = HTTP1HeadFuzz.prefixes(bytes, step) { view in
            let result = parser.parse(view, into: self.block, facts: &facts)
            return result == .incomplete ? nil : result
        }
        return (result, facts)
    }

    func check(_ bytes: UnsafeRawBufferPointer, _ step: Int) {
        let whole = self.parse(bytes, bytes.count)
        let wholeFields = HTTP1HeadFuzz.passedOn(self.block, whole.result)
        let (result, facts) = self.parse(bytes, step)
        precondition(result == whole.result, "\(String(describing: result)) by \(step)")
        guard case .complete(let count) = result else { return }
        precondition(count <= bytes.count)
        precondition(
            HTTP1HeadFuzz.passedOn(self.block, .complete(bytes: 0)) == wholeFields, "fields differ by \(step)"
        )
        var original: ArenaRange?
        if PathNormaliser().normalise(self.block, originalPath: &original) != nil
            || self.block.authority.isEmpty
        {
            return
        }

        let method = self.block.method.bytes
        let path = self.block.path.bytes
        let authority = self.block.authority.bytes
        var options = RequestHeadOptions()
        options.upgrade = facts.isUpgrade
        let written = ByteBuffer(capacity: 16)
        HeadWriter.writeRequest(self.block, framing: facts.framing, options: options, to: written)
        let again = self.parse(
            written.view.buffer, written.count, limits: HeadLimits(head: 1 << 20, fields: 64, url: 4096))
        precondition(
            again.result == .complete(bytes: written.count),
            "\(written.view.string): \(String(describing: again))")
        precondition(again.facts.framing == facts.framing && again.facts.isUpgrade == facts.isUpgrade)
        precondition(
            HTTP1HeadFuzz.passedOn(self.block, .complete(bytes: 0)) == wholeFields,
            "fields differ after writing")
        precondition(self.block.method.bytes == method && self.block.authority.bytes == authority)
        precondition(
            PathNormaliser().normalise(self.block, originalPath: &original) == nil && original == nil)
        precondition(self.block.path.bytes == path)
    }
}
