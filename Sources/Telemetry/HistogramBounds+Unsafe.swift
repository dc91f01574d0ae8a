/// The upper bounds of a histogram's buckets, in memory that is never freed.
public struct HistogramBounds: @unchecked Sendable {
    // SAFETY: `base` addresses `count` words that are written here, once, and neither changed nor freed: a
    // metric lives as long as the process. So a copy costs no reference count and reads need no
    // synchronisation.
    @usableFromInline let base: UnsafePointer<UInt64>?
    public let count: Int

    /// None.
    init() {
        self.base = nil
        self.count = 0
    }

    init(_ bounds: [UInt64]) {
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(bounds.count, 1))
        for (index, bound) in bounds.enumerated() { (words + index).initialize(to: bound) }
        self.base = UnsafePointer(words)
        self.count = bounds.count
    }

    @inlinable public var isEmpty: Bool { self.count == 0 }

    /// The number of the bucket that `value` falls into; `count` for the one up to infinity.
    ///
    /// - Complexity: O(bounds); small values are found first.
    @inlinable
    public func bucket(of value: UInt64) -> Int {
        guard let base = self.base else { return 0 }
        var index = 0
        while index < self.count, value > base[index] { index += 1 }
        return index
    }
}
