internal import Foundation
internal import GatewayConfig
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// One file for each way to be wrong: each is a problem with a reason, and none harms this process.
@Suite struct RefusedPluginTests {
    func problems(
        _ plugin: CompiledPlugin, _ config: ConfigNode = ConfigNode(.object([])),
        timeout: Duration = .seconds(30)
    ) -> [String] {
        let use = PluginUse(
            plugin: "test", config: config, location: ConfigLocation(path: "f", line: 3, column: 5))
        let checked = CompiledPlugin.store(timeout: timeout).check(
            [use], search: plugin.search, directory: "/")
        #expect(checked.filters.allSatisfy { $0 == nil } || checked.problems.isEmpty)
        return checked.problems.map { "\($0.line): \($0.message)" }
    }

    @Test("A plugin without a fault passes")
    func good() throws {
        let plugin = try CompiledPlugin("BadPlugins/good.c")
        #expect(self.problems(plugin) == [])
    }

    @Test(
        "A plugin that breaks the ABI is refused with a reason",
        arguments: [
            ("no-symbol", "it exports no symbol postern_plugin_entry_v1"),
            ("null-table", "refused this host"),
            ("other-symbol", "built for version 7 of the ABI, this host speaks version 1"),
            ("old-symbol", "built for version 0 of the ABI, this host speaks version 1; build it again with"),
            ("wrong-major", "built for version 3 of the ABI, this host speaks version 1"),
            ("short-table", "the plugin's table has 24 bytes, needs 48"),
            ("bad-name", "must match [a-z0-9-]{1,64}"),
            ("null-name", "must match [a-z0-9-]{1,64}"),
            ("other-name", "calls itself 'somebody-else', not 'test'"),
            ("bad-schema", "schema is unusable: 1:3: tipe: the keyword `tipe` is not supported"),
            ("no-json-schema", "schema is unusable"),
            ("null-schema", "schema is unusable"),
            ("swift-version", "built with Swift 5.9.0, this host runs Swift 6"),
            ("no-filter", "has no HTTP filter, no network filter and no adapter"),
            ("short-filter", "the table of the filter or adapter has 32 bytes"),
            ("no-create", "lacks config_create"),
            ("large-state", "wants 1048576 bytes for each stream, 65536 at most"),
            ("config-refused", "must be green"),
            ("silent-refusal", "refused it without a reason"),
            ("crash-on-load", "was killed by signal 6 (Aborted) while loading it"),
            ("crash-on-config", "was killed by signal 6 (Aborted) while checking configuration 1"),
            ("exit-on-load", "exited with status 0 while loading it"),
        ]
    )
    func refused(_ name: String, _ reason: String) throws {
        let plugin = try CompiledPlugin("BadPlugins/\(name).c")
        let problems = self.problems(plugin)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(reason) == true, "\(problems)")
        #expect(problems.first?.hasPrefix("3: ") == true)
    }

    @Test("A plugin that claims a Swift runtime of its own and links the host's is refused")
    func sharedRuntime() throws {
        let libraries = try Tool.run("ldd", ["\(BuiltPlugins.folder)/plugin-probe"])
        let runtime = try #require(libraries.firstMatch(of: /libswiftCore\.so => (\S+)/)?.1)
        let plugin = try CompiledPlugin("BadPlugins/shared-runtime.c", linking: [String(runtime)])
        let problems = self.problems(plugin)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("runtime of its own, and links the host's") == true, "\(problems)")
        #expect(problems.first?.contains("-Xswiftc -static-stdlib") == true, "\(problems)")
    }

    @Test("A plugin that never comes back is given up")
    func hangs() throws {
        let plugin = try CompiledPlugin("BadPlugins/hang-on-load.c")
        let problems = self.problems(plugin, timeout: .milliseconds(300))
        #expect(
            problems.first?.contains("did not finish within 0.3 seconds while loading it") == true,
            "\(problems)")
    }

    @Test(
        "A truncated file is refused, however much of it is missing",
        arguments: [0, 10, 64, 1000, 4096, 9000])
    func truncated(_ bytes: Int) throws {
        let plugin = try CompiledPlugin("BadPlugins/good.c")
        let whole = try Data(contentsOf: URL(filePath: plugin.file))
        try whole.prefix(bytes).write(to: URL(filePath: plugin.file))
        let problems = self.problems(plugin)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("\(plugin.file): ") == true, "\(problems)")
    }

    @Test("A place that the plugin names is found in the file")
    func place() throws {
        let plugin = try CompiledPlugin("BadPlugins/config-refused.c")
        let color = ConfigNode(.string("red"), at: ConfigLocation(path: "config.color", line: 17, column: 9))
        let config = ConfigNode(
            .object([.init("color", color)]), at: ConfigLocation(path: "", line: 16, column: 1))
        #expect(self.problems(plugin, config) == ["17: must be green"])
    }

    @Test("A configuration that the schema refuses never reaches the plugin")
    func schemaFirst() throws {
        let plugin = try CompiledPlugin("BadPlugins/crash-on-config.c")
        let problems = self.problems(
            plugin, ConfigNode(.integer(4), at: ConfigLocation(path: "", line: 9, column: 1)))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("9: ") == true, "\(problems)")
    }

    @Test("An unknown name is answered with the nearest ones")
    func unknownName() throws {
        let plugin = try CompiledPlugin("BadPlugins/good.c")
        let error = try #require(throws: PluginError.self) { try plugin.search.find("tset") }
        #expect(error.message == "no plugin 'tset' in \(plugin.folder); did you mean 'test'?")
    }
}
