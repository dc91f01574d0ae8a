internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import TestSupport

@testable internal import LuaHost

/// One script in one worker, with one exchange to try it on.
final class ScriptedStream {
    let host = FakeHost()
    let stream = FakeStream()
    let blueprint: LuaBlueprint
    let filter: LuaWorkerFilter
    private let memory: UnsafeMutableRawPointer

    init(
        _ source: String, budget: LuaBudget = LuaBudget(), onFailure: LuaFilter.FailurePolicy = .deny
    ) throws {
        let script = try LuaScript(source: Array(source.utf8), path: "folder/test.lua", budget: budget)
        self.blueprint = try LuaBlueprint(script, budget: budget, onFailure: onFailure, host: self.host)
        self.filter = LuaWorkerFilter(self.blueprint, worker: self.stream.fakeWorker)
        self.memory = .allocate(byteCount: LuaStreamState.size, alignment: 16)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: LuaStreamState.size)
        self.stream.setRequest()
    }

    deinit { self.memory.deallocate() }

    var slot: FilterSlot { FilterSlot(index: 3, state: self.memory) }

    /// The next exchange: forgets what the last one left in its slot.
    func reset() {
        self.filter.close(self.stream, self.slot)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: LuaStreamState.size)
    }

    @discardableResult
    func request(endOfStream: Bool = true) -> FilterAction {
        self.filter.requestHead(self.stream, self.slot, endOfStream: endOfStream)
    }

    @discardableResult
    func response(endOfStream: Bool = true) -> FilterAction {
        if self.stream.response.status == 0 { self.stream.setResponse() }
        return self.filter.responseHead(self.stream, self.slot, endOfStream: endOfStream)
    }

    func requestBody(_ bytes: String, endOfStream: Bool) -> FilterAction {
        self.stream.withBody(Array(bytes.utf8)) {
            self.filter.requestBody(self.stream, self.slot, endOfStream: endOfStream)
        }
    }

    func responseBody(_ bytes: String, endOfStream: Bool) -> FilterAction {
        self.stream.withBody(Array(bytes.utf8)) {
            self.filter.responseBody(self.stream, self.slot, endOfStream: endOfStream)
        }
    }

    /// Texts logged by the script or about it.
    var lines: [String] { self.host.lines.map(\.message) }
    var lastLine: String { self.lines.last ?? "" }
    var replacedBodies: [String] { self.stream.replacedBodies.map { String(decoding: $0, as: UTF8.self) } }
}

/// Runs `body` as the whole of `on_request` and gives back what it logged.
func logged(by body: String) throws -> [String] {
    let run = try ScriptedStream("function on_request(handle)\n\(body)\nend")
    run.request()
    return run.lines
}
