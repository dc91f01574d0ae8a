internal import Filtering
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// The key-auth plugin as the build left it, called as the data plane calls it.
@Suite struct NativeFilterTests {
    let config = #"{ "keys": [{ "name": "alice", "key": "s3cret" }] }"#

    func keyAuth() throws -> PluginImage {
        try PluginImage.load(BuiltPlugins.file("key-auth"), origin: "key-auth.so", digest: "test")
    }

    @Test("A plugin built with the SDK says who it is")
    func description() throws {
        let description = try self.keyAuth().description
        #expect(description.name == "key-auth")
        #expect(description.abi == "1.0")
        #expect(description.schema.contains("writeOnly"))
    }

    @Test("A hook that the author did not write is not among the phases")
    func phases() throws {
        let chain = try PluginChain(self.keyAuth(), self.config)
        #expect(chain.filter.phases == FilterPhases(.requestHead))
    }

    @Test("A known key passes, is taken out, and the service learns whose it is")
    func passes() throws {
        let chain = try PluginChain(self.keyAuth(), self.config)
        let action = chain.request([("accept", "*/*"), ("X-Api-Key", "s3cret"), ("x-consumer", "mallory")])
        #expect(action == .continue)
        #expect(chain.stream.request.pairs == [["accept", "*/*"], ["x-consumer", "alice"]])
    }

    @Test("An unknown key is answered 401", arguments: [[], [("x-api-key", "wrong")]])
    func refuses(_ fields: [(String, String)]) throws {
        let chain = try PluginChain(self.keyAuth(), self.config)
        #expect(chain.request(fields) == .responded)
        let response = try #require(chain.stream.responses.first)
        #expect(response.status == 401)
        #expect(response.headers.map(\.name) == ["www-authenticate"])
    }

    @Test("A refused configuration names the place")
    func refusedConfiguration() throws {
        let image = try self.keyAuth()
        let json = #"{ "keys": [{ "name": "a", "key": "k" }, { "name": "b", "key": "k" }] }"#
        let error = try #require(throws: PluginError.self) { try PluginChain(image, json) }
        #expect(
            error.problems == [
                PluginProblem(pointer: "/keys/1/key", message: "is the same as that of keys[0]")
            ])
    }
}
