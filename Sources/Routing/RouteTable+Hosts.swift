internal import Primitives

extension RouteTable {
    /// The index of the most specific host of the scope that `name` falls under; -1 when there is none.
    func index(ofHost name: ByteView, in scope: Scope) -> Int32 {
        guard !name.isEmpty, name.count <= RequestHost.limit else { return scope.anyHost }
        let exact = self.slot(TextHash.host(name), name, in: scope)
        if exact >= 0 { return exact }
        let wildcard = scope.hasWildcards ? self.index(ofWildcardFor: name, in: scope) : -1
        return wildcard >= 0 ? wildcard : scope.anyHost
    }

    /// From the name's end to its beginning: the last hit is the longest.
    @inline(never)
    private func index(ofWildcardFor name: ByteView, in scope: Scope) -> Int32 {
        var found: Int32 = -1
        var hash = TextHash.suffixSeed
        var start = name.count - 1
        // Stops before the first byte: the wildcard stands for at least one.
        while start > 0 {
            hash = TextHash.suffix(hash, name[start])
            if name[start] == 0x2E {
                let hit = self.slot(hash, name.dropFirst(start), in: scope)
                if hit >= 0 { found = hit }
            }
            start -= 1
        }
        return found
    }

    private func slot(_ hash: UInt64, _ name: ByteView, in scope: Scope) -> Int32 {
        let tag = HostSlot.tag(hash)
        var position = tag & scope.slotMask
        while true {
            let slot = self.hostSlots[Int(scope.firstSlot) + Int(position)]
            if slot.index < 0 { return -1 }
            if slot.hash == tag, Int(slot.name.length) == name.count,
                TextHash.isHost(name, self.text.view(slot.name))
            {
                return slot.index
            }
            position = (position + 1) & scope.slotMask
        }
    }
}

extension HostSlot {
    /// The half of the hash that is kept.
    static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash ^ hash >> 32) }
}
