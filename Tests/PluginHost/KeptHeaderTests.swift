internal import Filtering
internal import Foundation
internal import GatewayConfig
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// A plugin that was written against the headers of ABI 0.1, which are kept as they were.
///
/// Within a major version it loads and runs whatever was appended since. A break that CHANGELOG's ABI part
/// announces, before version 1, renews `Fixtures/abi-0.1`.
@Suite struct KeptHeaderTests {
    let plugin: CompiledPlugin

    init() throws {
        self.plugin = try CompiledPlugin(
            "PluginHost/Fixtures/c-filter.c", headers: "PluginHost/Fixtures/abi-0.1")
    }

    @Test("It passes the check, and says which ABI it was built for")
    func loads() throws {
        let use = PluginUse(plugin: "test", config: .init(.object([])), location: .none)
        let checked = CompiledPlugin.store().check([use], search: self.plugin.search, directory: "/")
        #expect(checked.problems.map(\.message) == [])
        #expect(checked.filters.first??.description.abi == "0.1")
    }

    @Test("Its hooks are called and its calls are served")
    func runs() throws {
        let image = try PluginImage.load(self.plugin.file, origin: self.plugin.file, digest: "kept")
        let chain = try PluginChain(image, "{}", slot: 3)
        #expect(chain.request([("x-GENERATION", "old"), ("cookie", "a=b")], path: "/fields") == .continue)
        #expect(chain.stream.request.pairs == [["x-GENERATION", "1"], ["x-tag", "c"]])
        #expect(chain.request(path: "/split") == .continue)
        #expect(chain.stream.request.pairs == [["x-generation", "1"]])
    }
}
