internal import Filtering
internal import Foundation
internal import GatewayConfig
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// From a file on disk to filters that run: generations, and what is kept.
@Suite struct PluginStoreTests {
    let empty = ConfigNode(.object([]))

    func check(_ store: PluginStore, _ plugin: CompiledPlugin) throws -> CheckedPlugin {
        let use = PluginUse(plugin: "test", config: self.empty, location: .none)
        let checked = store.check([use], search: plugin.search, directory: "/")
        try #require(checked.problems.isEmpty, "\(checked.problems)")
        return try #require(checked.filters[0])
    }

    @Test("A file that changes is a new generation beside the old one, which goes on")
    func generations() throws {
        let plugin = try CompiledPlugin("PluginHost/Fixtures/c-filter.c")
        let store = CompiledPlugin.store()
        let first = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "a", host: FakeHost())
        try plugin.build("PluginHost/Fixtures/c-filter.c", defining: ["GENERATION=\"2\""])
        let second = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "a", host: FakeHost(), keeping: first
        )
        #expect(first !== second)
        #expect(store.descriptions.map(\.version) == ["1.0", "2.0"])
        for (blueprint, generation) in [(first, "1"), (second, "2"), (first, "1")] {
            let chain = PluginChain(blueprint, host: FakeHost())
            _ = chain.request()
            #expect(chain.stream.request.pairs == [["x-generation", generation]])
        }
    }

    @Test("The same content and configuration give the same blueprint, wherever the file lies")
    func unchanged() throws {
        let plugin = try CompiledPlugin("PluginHost/Fixtures/c-filter.c")
        let store = CompiledPlugin.store()
        let first = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "a", host: FakeHost())
        let bytes = try Data(contentsOf: URL(filePath: plugin.file))
        try FileManager.default.removeItem(atPath: plugin.file)
        try bytes.write(to: URL(filePath: "\(plugin.folder)/libtest.so"))
        let second = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "a", host: FakeHost(), keeping: first
        )
        #expect(first === second)
        let elsewhere = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "b", host: FakeHost(), keeping: first
        )
        #expect(elsewhere !== first)
        #expect(store.descriptions.count == 1)
    }

    @Test("A broken file leaves the old generation in force")
    func brokenFile() throws {
        let plugin = try CompiledPlugin("PluginHost/Fixtures/c-filter.c")
        let store = CompiledPlugin.store()
        let first = try store.makeBlueprint(
            self.check(store, plugin), name: "test", place: "a", host: FakeHost())
        try Data(contentsOf: URL(filePath: plugin.file)).prefix(5000).write(to: URL(filePath: plugin.file))
        let use = PluginUse(plugin: "test", config: self.empty, location: .none)
        #expect(store.check([use], search: plugin.search, directory: "/").problems.count == 1)
        let chain = PluginChain(first, host: FakeHost())
        #expect(chain.request() == .continue)
    }

    @Test("Only this user can enter the folder of private copies, and it goes with the store")
    func privateFolder() throws {
        let plugin = try CompiledPlugin("BadPlugins/good.c")
        let parent = "\(plugin.folder)/state"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        do {
            let store = PluginStore(directory: parent, probe: CompiledPlugin.store().probe)
            _ = try self.check(store, plugin)
            let folder = try #require(FileManager.default.contentsOfDirectory(atPath: parent).first)
            let facts = try FileManager.default.attributesOfItem(atPath: "\(parent)/\(folder)")
            #expect(facts[.posixPermissions] as? Int == 0o700)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent).isEmpty)
    }

    @Test("A plugin describes itself without being loaded")
    func describe() throws {
        let plugin = try CompiledPlugin("BadPlugins/good.c")
        let store = CompiledPlugin.store()
        let description = try store.describe("test", search: plugin.search)
        #expect(description.schema == #"{ "type": "object" }"#)
        #expect(description.path == plugin.file)
        #expect(description.digest.count == 32)
        #expect(store.descriptions.isEmpty)
    }

    @Test("The headers of the ABI compile as C11 and C++17 without a warning")
    func headersCompile() throws {
        let folder = NSTemporaryDirectory() + "postern-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (tool, standard, name) in [("cc", "c11", "a.c"), ("c++", "c++17", "a.cc")] {
            let source = "\(folder)/\(name)"
            try "#include \"postern_http_filter.h\"\nint main(void) { return 0; }\n".write(
                toFile: source, atomically: true, encoding: .utf8)
            try Tool.run(
                tool,
                [
                    "-std=\(standard)", "-Wall", "-Wextra", "-pedantic", "-Werror",
                    "-I\(CompiledPlugin.include)", "-c", source,
                ]
                    + ["-o", "\(folder)/a.o"]
            )
        }
    }
}
