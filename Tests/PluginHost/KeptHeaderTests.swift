internal import Filtering
internal import Foundation
internal import GatewayConfig
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// Plugins that were built with the headers of ABI 1.0, which are kept as they were released: every host of
/// major version 1 loads and runs them, whatever was appended since.
@Suite struct KeptHeaderTests {
    static let headers = "PluginHost/Fixtures/abi-1.0"
    let plugin: CompiledPlugin

    init() throws {
        self.plugin = try CompiledPlugin(
            "PluginHost/Fixtures/c-filter.c", headers: Self.headers)
    }

    @Test("It passes the check, and says which ABI it was built for")
    func loads() throws {
        let use = PluginUse(plugin: "test", config: .init(.object([])), location: .none)
        let checked = CompiledPlugin.store().check([use], search: self.plugin.search, directory: "/")
        #expect(checked.problems.map(\.message) == [])
        #expect(checked.filters.first??.description.abi == "1.0")
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

    @Test("So are an adapter's")
    func reports() throws {
        try NativeAdapterTests.check(
            reportsOf: try NativeAdapterTests.handler(FakeHost(), headers: Self.headers))
    }
}
