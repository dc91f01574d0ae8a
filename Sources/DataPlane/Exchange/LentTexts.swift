internal import Primitives
internal import Reactor

/// Copies of texts whose views must stay valid while a filter's hook runs, whatever it changes meanwhile.
///
/// So not in the arena of a header block, which moves when it grows.
final class LentTexts {
    private let first = ByteBuffer(capacity: 256)
    /// Full ones, and the one in use, once `first` is full.
    private var more: ContiguousArray<ByteBuffer> = []

    /// A view of the copy, until ``reset(_:)``.
    func add(_ text: ByteView, _ loop: EventLoop) -> ByteView {
        var buffer = self.more.last ?? self.first
        if buffer.spare < text.count {
            buffer = loop.takeBuffer()
            buffer.reserve(text.count)
            self.more.append(buffer)
        }
        let start = buffer.writeIndex
        buffer.append(text)
        return buffer.view(at: start, text.count)
    }

    @inline(__always)
    func reset(_ loop: EventLoop) {
        self.first.reset()
        if !self.more.isEmpty { self.giveBack(loop) }
    }

    @inline(never)
    private func giveBack(_ loop: EventLoop) {
        for buffer in self.more { loop.giveBack(buffer) }
        self.more.removeAll(keepingCapacity: true)
    }
}
