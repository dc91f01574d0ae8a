internal import Filtering
internal import Foundation
internal import GatewayConfig
internal import PluginHost
internal import TestSupport

/// A plugin as the build left it, checked and configured as the data plane does it, with one stream.
final class PluginUnderTest {
    struct Refused: Error, CustomStringConvertible { let description: String }

    let stream: FakeStream
    let worker: FakeWorker
    let filter: Filter
    private let slot: FilterSlot
    private let memory: UnsafeMutableRawPointer

    /// The folder of the test executable, which has the plugins as `libNAME.so` and the probes' child.
    private static let folder: String = {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let line = maps.split(separator: "\n").first { $0.hasSuffix("PackageTests.xctest") }
        let path = line.flatMap { $0.split(separator: " ").last }.map(String.init) ?? CommandLine.arguments[0]
        return (path as NSString).deletingLastPathComponent
    }()

    /// One store for all tests: every content is loaded once.
    private static let store = PluginStore(
        probe: PluginProbe(program: "\(folder)/plugin-probe", timeout: .seconds(60)))

    /// - Throws: ``Refused`` with all problems as `path: message`.
    static func blueprint(_ name: String, _ json: String, host: FilterHost = FakeHost()) throws
        -> PluginBlueprint
    {
        let reading = ConfigDocument.read(Array(json.utf8), as: .json)
        guard let config = reading.root else { throw Refused(description: "no JSON") }
        let checked = self.store.check(
            [PluginUse(plugin: name, config: config, location: .none)],
            search: PluginSearch(paths: [Self.folder], installed: nil), directory: "/"
        )
        guard checked.problems.isEmpty, let plugin = checked.filters[0] else {
            let texts = checked.problems.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
            throw Refused(description: texts.joined(separator: "\n"))
        }
        return try self.store.makeBlueprint(plugin, name: name, place: name, host: host)
    }

    /// What the check finds wrong; empty when nothing.
    static func problems(_ name: String, _ json: String) -> String {
        do {
            _ = try self.blueprint(name, json)
            return ""
        } catch { return "\(error)" }
    }

    init(_ blueprint: PluginBlueprint) {
        let worker = FakeWorker()
        self.worker = worker
        self.stream = FakeStream(worker: worker)
        self.stream.id = StreamID(rawValue: 7)
        worker.streams[self.stream.id] = self.stream
        self.filter = blueprint.makeFilter(worker)
        self.memory = .allocate(byteCount: max(self.filter.stateSize, 16), alignment: 16)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(self.filter.stateSize, 16))
        self.slot = FilterSlot(index: 0, state: self.memory)
        self.filter.open(self.stream, self.slot)
    }

    convenience init(_ name: String, _ json: String, host: FilterHost = FakeHost()) throws {
        self.init(try Self.blueprint(name, json, host: host))
    }

    deinit {
        self.filter.close(self.stream, self.slot)
        self.memory.deallocate()
    }

    /// - Parameter body: Whether a body follows.
    func request(
        _ fields: [(String, String)] = [], method: String = "GET", path: String = "/", body: Bool = false
    ) -> FilterAction {
        self.stream.setRequest(method: method, path: path, fields)
        return self.filter.requestHead(self.stream, self.slot, endOfStream: !body)
    }

    func response(_ fields: [(String, String)] = [], status: Int = 200, body: Bool = false) -> FilterAction {
        self.stream.setResponse(status: status, fields)
        return self.filter.responseHead(self.stream, self.slot, endOfStream: !body)
    }

    /// A piece of the request's body, or all of it.
    func requestBody(_ bytes: [UInt8], endOfStream: Bool = true) -> FilterAction {
        self.stream.withBody(bytes) {
            self.filter.requestBody(self.stream, self.slot, endOfStream: endOfStream)
        }
    }

    /// A piece of the response's body, or all of it.
    func responseBody(_ bytes: [UInt8], endOfStream: Bool = true) -> FilterAction {
        self.stream.withBody(bytes) {
            self.filter.responseBody(self.stream, self.slot, endOfStream: endOfStream)
        }
    }

    func responseTrailers() -> FilterAction { self.filter.responseTrailers(self.stream, self.slot) }

    /// Ends the stream, and begins another.
    func startOver() {
        self.filter.close(self.stream, self.slot)
        self.memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(self.filter.stateSize, 16))
        self.filter.open(self.stream, self.slot)
    }
}
