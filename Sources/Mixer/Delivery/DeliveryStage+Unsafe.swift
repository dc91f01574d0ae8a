internal import Primitives

/// Records of one worker on their way from its ring to a handler's queue.
final class DeliveryStage: @unchecked Sendable {
    // SAFETY: whoever has the pipeline's lock is the only one to touch it.
    private let bytes = ByteBuffer(capacity: 16)

    private static let kept = 256 * 1024

    /// - Returns: Whether it was empty before.
    func append(_ record: QueuedRecord) -> Bool {
        let isFirst = self.bytes.isEmpty
        record.append(to: self.bytes)
        return isFirst
    }

    /// Hands out what there is, and is empty then.
    func take(_ body: (ByteView) -> Void) {
        body(self.bytes.view)
        self.bytes.reset(keeping: Self.kept)
    }
}
