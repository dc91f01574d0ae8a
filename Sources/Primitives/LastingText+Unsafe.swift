/// A text whose bytes stay where they are, for those that lend views of it as long as it lives.
public final class LastingText: @unchecked Sendable {
    // SAFETY: the bytes are written in init, never again, and freed in deinit, hence `@unchecked Sendable`.
    public let view: ByteView
    private let base: UnsafeMutableRawPointer

    public init(_ text: String) {
        let bytes = Array(text.utf8)
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        bytes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: base, count: $0.count).copyMemory(from: $0)
        }
        self.base = base
        self.view = ByteView(base: base, count: bytes.count)
    }

    deinit { self.base.deallocate() }
}
