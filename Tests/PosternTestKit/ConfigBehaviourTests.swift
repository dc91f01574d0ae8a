import BehaviourFilter
import Filtering
import Foundation
import GatewayConfig
import PluginHost
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

/// What the kit and a gateway refuse of a configuration.
@Suite struct ConfigBehaviourTests {
    private static let store = PluginStore(
        probe: PluginProbe(program: "\(Binaries.testFolder)/plugin-probe", timeout: .seconds(60)))

    /// What a gateway finds wrong, by the place that the plugin has named.
    private func inGateway(_ json: String) throws -> [String] {
        let document = ConfigDocument.read(Array(json.utf8), as: .json)
        let config = try #require(document.root)
        let checked = Self.store.check(
            [PluginUse(plugin: "behaviours", config: config, location: .none)],
            search: PluginSearch(paths: [Binaries.testFolder], installed: nil), directory: "/")
        return checked.problems.map { $0.path.isEmpty ? "" : "/\($0.path)" }
    }

    private func onKit(_ json: String) -> [String] {
        do {
            _ = try TestHost().configure(BehaviourFilter.self, json)
            return []
        } catch { return (error as? TestConfigRefused)?.problems.map(\.pointer) ?? ["\(error)"] }
    }

    @Test(
        "Both refuse the same at the same place",
        arguments: [
            ("{}", []),
            (#"{ "refuse": "no" }"#, ["/refuse"]),
            (#"{ "attribute": "request.colour" }"#, ["/attribute"]),
            (#"{ "attribute": "request.headers[x]" }"#, ["/attribute"]),
            (#"{ "attribute": "metadata['a']" }"#, ["/attribute"]),
            (#"{ "attribute": "metadata['a']['b']" }"#, []),
            (#"{ "attribute": "response.headers[\"x-a\"]" }"#, []),
            (#"{ "header": "a b" }"#, ["/header"]),
            (#"{ "metric": "Behaviours" }"#, [""]),
            (#"{ "metric": "behaviours_bytes" }"#, [""]),
            (#"{ "wait": "soon" }"#, ["/wait"]),
            (#"{ "wait": "1m30s" }"#, []),
        ] as [(String, [String])])
    func sameProblems(_ json: String, _ pointers: [String]) throws {
        #expect(self.onKit(json) == pointers)
        #expect(try self.inGateway(json) == pointers)
    }

    @Test("The kit knows every attribute that a gateway has", arguments: KnownAttribute.allCases)
    func attributes(_ attribute: KnownAttribute) {
        #expect(self.onKit(#"{ "attribute": "\#(attribute.rawValue)" }"#) == [])
    }

    @Test("A service that the configuration lacks is a problem where it is named")
    func services() {
        let host = TestHost()
        host.services = ["other"]
        let error = #expect(throws: TestConfigRefused.self) {
            try host.configure(BehaviourFilter.self, #"{ "service": "auth" }"#)
        }
        #expect(error?.problems.map(\.description) == ["/service: there is no service 'auth'"])
    }
}
