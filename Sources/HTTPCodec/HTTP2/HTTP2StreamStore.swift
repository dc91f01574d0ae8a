/// Streams that are over, to be used again by every session of a thread: how many are in use at once changes
/// from connection to connection, and what one has left another can take.
public final class HTTP2StreamStore {
    /// More are let go of.
    private static let limit = 1024
    private var spare: ContiguousArray<HTTP2Stream> = []

    public init() {}

    func take() -> HTTP2Stream { self.spare.popLast() ?? HTTP2Stream() }

    /// - Parameter stream: Nobody but the caller holds it.
    func keep(_ stream: consuming HTTP2Stream) {
        if self.spare.count < Self.limit { self.spare.append(stream) }
    }
}
