internal import PosternSDK

/// Keys and whose they are; a look-up takes the same time for a wrong key whatever it has in common with a
/// right one.
///
/// An open-addressing table under the process's random hash seed finds at most a few candidates without
/// comparing text; each is then compared in full, without stopping at the first difference.
struct KeySet: Sendable {
    /// The consumer's name of each key.
    let names: [[UInt8]]
    private let keys: [[UInt8]]
    /// Indices into `keys`, -1 when free; the size is a power of two, at most half of it used.
    private let slots: [Int32]

    /// - Throws: ``ConfigProblem`` for a name that no header can carry, or a key that stands twice.
    init(_ entries: [(name: String, key: String)]) throws(ConfigProblem) {
        var size = 4
        while size < entries.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        let keys = entries.map { Array($0.key.utf8) }
        for (index, entry) in entries.enumerated() {
            if entry.name.isEmpty || !entry.name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                throw ConfigProblem(
                    "/keys/\(index)/name", "must be visible ASCII without spaces, got '\(entry.name)'")
            }
            if keys[index].isEmpty { throw ConfigProblem("/keys/\(index)/key", "must not be empty") }
            let key = keys[index]
            var slot = Self.hash(key.span) & (size - 1)
            while slots[slot] >= 0 {
                if keys[Int(slots[slot])] == keys[index] {
                    throw ConfigProblem("/keys/\(index)/key", "is the same as that of keys[\(slots[slot])]")
                }
                slot = (slot + 1) & (size - 1)
            }
            slots[slot] = Int32(index)
        }
        self.names = entries.map { Array($0.name.utf8) }
        self.keys = keys
        self.slots = slots
    }

    /// The index of the key's consumer in ``names``; nil for an unknown key.
    func consumer(of key: Span<UInt8>) -> Int? {
        var slot = Self.hash(key) & (self.slots.count - 1)
        while self.slots[slot] >= 0 {
            let index = Int(self.slots[slot])
            let candidate = self.keys[index]
            if Self.areEqual(candidate.span, key) { return index }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    private static func hash(_ key: Span<UInt8>) -> Int {
        var hasher = Hasher()
        // SAFETY: the pointer does not leave the closure.
        key.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
