internal import Filtering
internal import Reactor

/// A descriptor of a filter's own, in the worker's loop.
final class DescriptorWatch: PendingWork {
    private let descriptor: Int32
    private let changed: (DescriptorEvents) -> Void

    /// - Throws: ``SocketError`` when the kernel refuses the descriptor.
    init(_ worker: Worker, _ descriptor: Int32, _ changed: @escaping (DescriptorEvents) -> Void) throws {
        self.descriptor = descriptor
        self.changed = changed
        super.init(worker, nil)
        try worker.loop.register(descriptor, self)
    }

    override func ready(_ events: ReadyEvents) {
        var seen: DescriptorEvents = []
        if events.contains(.readable) { seen.insert(.readable) }
        if events.contains(.writable) { seen.insert(.writable) }
        if !events.isDisjoint(with: [.endOfInput, .failure]) { seen.insert(.closed) }
        self.changed(seen)
    }

    override func cancel() { self.home.loop.deregister(self.descriptor) }
}
