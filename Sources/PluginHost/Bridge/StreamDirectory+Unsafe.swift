internal import Filtering
internal import Primitives

/// Which streams other threads may name: those whose filter asked for an id.
///
/// An id is a slot and a generation, so one that is no longer alive names nothing. A short locked section for
/// each id and post; streams that ask for none never come here.
final class StreamDirectory: Sendable {
    static let shared = StreamDirectory()

    private struct Entry {
        var generation: UInt32
        // SAFETY: valid until `unregister`, which NativeFilter.close calls on the worker's thread; read there
        // only.
        var header: UnsafeMutablePointer<StreamHeader>?
        var stream: StreamID
        var worker: FilterWorker?
    }

    private struct State {
        var entries: [Entry] = []
        var free: [Int] = []
    }

    /// `@unchecked` because a worker is handed to its own `post` alone, which any thread may call.
    private struct Box: @unchecked Sendable { var state = State() }
    private let box = Lock(Box())

    /// On the stream's thread.
    func register(_ header: UnsafeMutablePointer<StreamHeader>) -> UInt64 {
        let address = UInt(bitPattern: header)
        return self.box.withLock { box in
            guard let header = UnsafeMutablePointer<StreamHeader>(bitPattern: address) else { return 0 }
            let stream = header.pointee.stream.takeUnretainedValue()
            let index = box.state.free.popLast() ?? box.state.entries.count
            if index == box.state.entries.count {
                box.state.entries.append(Entry(generation: 0, header: nil, stream: stream.id, worker: nil))
            }
            let generation = box.state.entries[index].generation &+ 1
            box.state.entries[index] = Entry(
                generation: generation, header: header, stream: stream.id, worker: stream.worker
            )
            return UInt64(generation) << 32 | UInt64(index)
        }
    }

    /// On the stream's thread: the id names nothing from now on.
    func unregister(_ id: UInt64) {
        self.box.withLock { box in
            let index = Int(id & 0xFFFF_FFFF)
            guard index < box.state.entries.count, box.state.entries[index].generation == id >> 32 else {
                return
            }
            box.state.entries[index].header = nil
            box.state.entries[index].worker = nil
            // A generation that is used up is not given out again: ids never repeat.
            if box.state.entries[index].generation < .max { box.state.free.append(index) }
        }
    }

    /// From any thread.
    func post(_ id: UInt64, _ call: PostedCall) {
        guard let (worker, stream) = self.target(id) else { return }
        worker.value.post(stream) { _ in
            // Between post and here the filter may have closed; its header is then gone from the directory.
            if let header = self.header(id) { call.run(header) }
        }
    }

    private struct Worker: @unchecked Sendable { let value: FilterWorker }

    private func target(_ id: UInt64) -> (Worker, StreamID)? {
        self.box.withLock { box -> (Worker, StreamID)? in
            let index = Int(id & 0xFFFF_FFFF)
            guard
                index < box.state.entries.count, box.state.entries[index].generation == id >> 32,
                let worker = box.state.entries[index].worker
            else { return nil }
            return (Worker(value: worker), box.state.entries[index].stream)
        }
    }

    private func header(_ id: UInt64) -> UnsafeMutablePointer<StreamHeader>? {
        let address = self.box.withLock { box -> UInt in
            let index = Int(id & 0xFFFF_FFFF)
            guard index < box.state.entries.count, box.state.entries[index].generation == id >> 32 else {
                return 0
            }
            return UInt(bitPattern: box.state.entries[index].header)
        }
        return UnsafeMutablePointer(bitPattern: address)
    }
}
