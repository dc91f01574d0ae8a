internal import Filtering
internal import Synchronization

/// Work posted from any thread, until the test's thread takes it.
final class PostedWork: Sendable {
    typealias Item = (id: StreamID, work: @Sendable (FilterStream) -> Void)
    private let items = Mutex<[Item]>([])

    func add(_ id: StreamID, _ work: @escaping @Sendable (FilterStream) -> Void) {
        self.items.withLock { $0.append((id, work)) }
    }

    func take() -> [Item] {
        self.items.withLock {
            let taken = $0
            $0 = []
            return taken
        }
    }
}
