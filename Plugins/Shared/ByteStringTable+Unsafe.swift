/// Texts and their places in a list; a look-up allocates nothing, and takes the same time for a wrong text
/// whatever it has in common with a right one.
///
/// An open-addressing table under the process's random hash seed finds at most a few candidates without
/// comparing text; each is then compared in full, without stopping at the first difference.
public struct ByteStringTable: Sendable {
    /// Texts by place.
    private var texts: [[UInt8]] = []
    /// Indices into `texts`, -1 when free; the size is a power of two, at most half of it used.
    private var slots: [Int32]

    /// - Parameter capacity: Texts that are expected; there may be more.
    public init(capacity: Int = 0) {
        var size = 8
        while size < capacity * 2 { size *= 2 }
        self.slots = Array(repeating: -1, count: size)
    }

    /// Texts in it.
    public var count: Int { self.texts.count }

    /// Adds a text at the next place.
    ///
    /// - Returns: The place where it stands already, if it does; then nothing is added.
    public mutating func insert(_ text: [UInt8]) -> Int? {
        if let place = self.index(of: text.span) { return place }
        self.texts.append(text)
        if self.texts.count * 2 > self.slots.count {
            self.slots = Array(repeating: -1, count: self.slots.count * 2)
            for index in self.texts.indices { self.place(index) }
        } else {
            self.place(self.texts.count - 1)
        }
        return nil
    }

    private mutating func place(_ index: Int) {
        let text = self.texts[index]
        var slot = Self.hash(text.span) & (self.slots.count - 1)
        while self.slots[slot] >= 0 { slot = (slot + 1) & (self.slots.count - 1) }
        self.slots[slot] = Int32(index)
    }

    /// Where `text` stands; nil when it does not.
    public func index(of text: Span<UInt8>) -> Int? {
        var slot = Self.hash(text) & (self.slots.count - 1)
        while self.slots[slot] >= 0 {
            let index = Int(self.slots[slot])
            let candidate = self.texts[index]
            if Self.areEqual(candidate.span, text) { return index }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    private static func hash(_ text: Span<UInt8>) -> Int {
        var hasher = Hasher()
        // SAFETY: the pointer does not leave the closure.
        text.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
