internal import Filtering
internal import Primitives

extension RouteTable {
    /// The number of the first rule in file order that matches, among those of one host; -1 when none does.
    func rule(for request: HeaderBlock, in host: Int32) -> Int32 {
        let index = self.indexes[Int(host)]
        let target = RequestTarget(request.path)
        guard target.hasPath else {
            let found = self.first(of: index.pathless, before: .max, request, target)
            return found == .max ? -1 : found
        }
        var best = Int32.max
        var segments = PathSegments(target.path, seed: index.seed)
        var deeper = index.depths
        while deeper != 0, segments.advance() {
            let bit = HostIndex.depthBit(segments.depth)
            guard index.depths & bit != 0 else { continue }
            if segments.depth < 63 { deeper &= ~bit }
            guard let slot = self.slot(of: segments, target.path, in: host) else { continue }
            best = self.first(of: slot.prefixes, before: best, request, target)
            if segments.end == target.path.count {
                best = self.first(of: slot.exacts, before: best, request, target)
            }
        }
        // Last, because regular expressions are among them: those behind the best so far are not tried.
        best = self.first(of: index.root, before: best, request, target)
        return best == .max ? -1 : best
    }

    private func slot(of segments: PathSegments, _ path: ByteView, in host: Int32) -> PathSlot? {
        var position = segments.hash & self.pathMask
        while true {
            let slot = self.pathSlots[Int(position)]
            if slot.index < 0 { return nil }
            if slot.hash == segments.hash, slot.index == host,
                self.text.view(slot.path) == path[0..<segments.end]
            {
                return slot
            }
            position = (position + 1) & self.pathMask
        }
    }

    /// The first rule of the list that matches, when it comes before `best`; else `best`.
    @inline(__always)
    private func first(
        of list: CandidateList, before best: Int32, _ request: HeaderBlock, _ target: RequestTarget
    ) -> Int32 {
        var position = Int(list.first)
        let end = position + Int(list.count)
        while position < end {
            let candidate = self.candidates[position]
            if candidate.rule >= best { return best }
            if candidate.conditions < 0 || self.hold(candidate.conditions, request, target) {
                return candidate.rule
            }
            position += 1
        }
        return best
    }
}
