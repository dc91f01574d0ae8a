internal import Filtering
internal import Foundation
internal import TestSupport
@testable internal import PluginHost

/// One native filter with a stream of its own, driven by hand.
final class PluginChain {
    let host: FakeHost
    let worker: FakeWorker
    let stream: FakeStream
    let filter: Filter
    let slot: FilterSlot
    private let memory: UnsafeMutableRawPointer
    private var isOpen = true

    convenience init(_ image: PluginImage, _ json: String, host: FakeHost = FakeHost(), slot: Int = 0) throws
    {
        let name = image.description.name
        let blueprint = try PluginBlueprint(
            image: image, name: name, place: name, json: Array(json.utf8), host: host
        )
        self.init(blueprint, host: host, slot: slot)
    }

    init(_ blueprint: PluginBlueprint, host: FakeHost, slot: Int = 0) {
        self.host = host
        self.worker = FakeWorker()
        self.stream = FakeStream(worker: self.worker)
        self.stream.id = StreamID(rawValue: 7)
        self.worker.streams[self.stream.id] = self.stream
        self.filter = blueprint.makeFilter(self.worker)
        self.memory = .allocate(byteCount: max(self.filter.stateSize, 16), alignment: 16)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(self.filter.stateSize, 16))
        self.slot = FilterSlot(index: slot, state: self.memory)
        self.filter.open(self.stream, self.slot)
    }

    /// Ends the stream.
    func close() {
        guard self.isOpen else { return }
        self.isOpen = false
        self.filter.close(self.stream, self.slot)
        self.worker.streams[self.stream.id] = nil
    }

    deinit {
        self.close()
        self.memory.deallocate()
    }

    func request(_ fields: [(String, String)] = [], path: String = "/", endOfStream: Bool = true)
        -> FilterAction
    {
        self.stream.setRequest(path: path, fields)
        return self.filter.requestHead(self.stream, self.slot, endOfStream: endOfStream)
    }

    func response(_ fields: [(String, String)] = [], status: Int = 200) -> FilterAction {
        self.stream.setResponse(status: status, fields)
        return self.filter.responseHead(self.stream, self.slot, endOfStream: true)
    }
}
