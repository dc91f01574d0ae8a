internal import Primitives

/// Elements that never change, without reference counting: the storage of a compiled table.
///
/// Freed with its owner. An index is checked in release builds too.
struct FixedArray<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    // SAFETY: `base` addresses `count` initialised elements of a trivial type, is owned by this value alone,
    // written only in init and freed only in deinit; so reads from any thread are safe (`@unchecked
    // Sendable`), and an index below `count` is in bounds.
    private let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ elements: [Element]) {
        self.count = elements.count
        self.base = .allocate(capacity: max(elements.count, 1))
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { self.base.initialize(from: start, count: source.count) }
        }
    }

    deinit { self.base.deallocate() }

    subscript(index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: self.count))
        return self.base[index]
    }
}

extension FixedArray where Element == UInt8 {
    /// Bytes of the pool, which live as long as the table.
    func view(_ text: Text) -> ByteView {
        let (start, length) = (Int(text.start), Int(text.length))
        precondition(start + length <= self.count)
        // SAFETY: in bounds by the line above.
        return ByteView(base: UnsafeRawPointer(self.base) + start, count: length)
    }
}

/// A run of bytes in a table's pool.
struct Text: BitwiseCopyable {
    var start: UInt32
    var length: UInt32

    static let empty = Text(start: 0, length: 0)
}
