internal import CPosternABI
internal import Filtering
internal import Primitives
internal import Synchronization

/// Numbers for field names that are not well known, the same for the whole process; none is ever taken back.
enum HeaderNames {
    /// The most numbers given out.
    static let limit = 4096
    static let first = UInt32(POSTERN_HEADER_INTERNED)

    // SAFETY: an element is written once, under `lock`, before `count` covers it, and never again; the bytes
    // that it shows are never freed.
    private nonisolated(unsafe) static let names = UnsafeMutablePointer<ByteView>.allocate(capacity: limit)
    private static let count = Atomic<Int>(0)
    private static let lock = Lock<[String: UInt32]>([:])

    /// The number of `name`.
    ///
    /// - Returns: nil when all numbers are given out.
    static func intern(_ name: ByteView) -> UInt32? {
        let known = HeaderID.of(name)
        if known != .other { return UInt32(known.rawValue) }
        return self.lock.withLock { numbers -> UInt32? in
            let text = name.string.lowercased()
            if let number = numbers[text] { return number }
            let index = self.count.load(ordering: .relaxed)
            guard index < self.limit else { return nil }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(name.count, 1), alignment: 1)
            copy.copyBytes(from: text.utf8)
            self.names[index] = ByteView(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[..<name.count]))
            self.count.store(index + 1, ordering: .releasing)
            numbers[text] = self.first + UInt32(index)
            return self.first + UInt32(index)
        }
    }

    /// The name in lower case; nil when the number was never given out.
    @inline(__always)
    static func name(_ number: UInt32) -> ByteView? {
        guard number >= self.first else { return nil }
        let index = Int(number - self.first)
        return index < self.count.load(ordering: .acquiring) ? self.names[index] : nil
    }
}

extension HeaderBlock {
    /// The index of the first field whose name is not well known and is `name`, at or after `start`.
    @inline(__always)
    func firstIndex(other name: ByteView, from start: Int = 0) -> Int? {
        var index = start
        while index < self.count {
            let field = self[index]
            if field.id == .other, Int(field.nameLength) == name.count,
                self.name(field).equalsIgnoringCase(name)
            {
                return index
            }
            index += 1
        }
        return nil
    }
}
