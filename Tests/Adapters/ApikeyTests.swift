import Apikey
import Foundation
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct ApikeyTests {
    let host = TestHost()
    let shape = TestShape(
        .apiKey, columns: ["api", "apiVersion", "apiOperation", "apiKey", "timestamp"])
    static let config = """
        { "keys": [
          { "name": "alice", "key": "alpha", "apis": ["shop", "cart-*"], "operations": ["list*"] },
          { "name": "bob", "key": "beta" } ] }
        """

    func verdict(
        _ handler: TestHandler, _ key: String?, api: String? = "shop", operation: String = "listAll"
    ) throws -> TestVerdict {
        try handler.check(
            TestRecord(
                self.shape,
                [
                    api.map { .string($0) } ?? .absent, .absent, .string(operation),
                    key.map { .string($0) } ?? .absent, .timestamp(0),
                ]))
    }

    @Test("A known key passes for what it is good for; 401 without one, 403 elsewhere")
    func keys() throws {
        let handler = try self.host.configure(ApikeyAdapter.self, Self.config)
        #expect(try self.verdict(handler, "alpha").code == 0)
        #expect(try self.verdict(handler, "alpha", api: "cart-2").code == 0)
        #expect(try self.verdict(handler, "alpha", api: "admin").code == 7)
        #expect(try self.verdict(handler, "alpha", api: nil).code == 7)
        #expect(try self.verdict(handler, "alpha", operation: "delete").code == 7)
        #expect(try self.verdict(handler, "beta", api: "admin", operation: "delete").code == 0)
        #expect(try self.verdict(handler, "gamma").message == "this API key is not accepted")
        #expect(try self.verdict(handler, "gamma").code == 16)
        #expect(try self.verdict(handler, nil).message == "no API key")
        #expect(try self.verdict(handler, "").code == 16)
        #expect(self.host.metric("apikey_refused_total") == 7)
    }

    @Test("Keys in a file come and go with it; a bad file changes nothing and shows no key")
    func file() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("# keys\ncarol gamma shop cart\ndave delta\n", to: "keys")
        let handler = try self.host.configure(ApikeyAdapter.self, #"{ "file": "\#(file.path)" }"#)
        #expect(try self.verdict(handler, "gamma").code == 0)
        #expect(try self.verdict(handler, "gamma", api: "admin").code == 7)
        #expect(try self.verdict(handler, "delta", api: "admin").code == 0)
        handler.tick()
        _ = try folder.write("carol gamma2 shop\n", to: "keys")
        handler.tick()
        #expect(try self.verdict(handler, "gamma").code == 16)
        #expect(try self.verdict(handler, "gamma2").code == 0)
        _ = try folder.write("carol gamma3\nerin gamma3\n", to: "keys")
        handler.tick()
        #expect(try self.verdict(handler, "gamma2").code == 0)
        #expect(self.host.log.last?.message.contains("line 2 has a key that stands before") == true)
        #expect(self.host.log.allSatisfy { !$0.message.contains("gamma3") })
    }

    @Test("Without its file, a handler with nothing else to ask fails instead of judging")
    func missingFile() throws {
        let handler = try self.host.configure(ApikeyAdapter.self, #"{ "file": "/nowhere/keys" }"#)
        #expect(throws: TestFailure.self) { try self.verdict(handler, "alpha") }
    }

    @Test("Configurations that make no sense are refused with the place, and without the key")
    func refusals() {
        #expect(problem(ApikeyAdapter.self, "{}") == "has no keys: give keys or file")
        #expect(
            problem(
                ApikeyAdapter.self,
                #"{ "keys": [{ "name": "a", "key": "same" }, { "name": "b", "key": "same" }] }"#)
                == "/keys/1/key: is the same as that of keys[0]")
        #expect(
            problem(ApikeyAdapter.self, #"{ "keys": [{ "name": "a", "key": "k", "apis": [] }] }"#)
                == "/keys/0/apis: must not be empty: leave it out for all")
        #expect(problem(ApikeyAdapter.self, #"{ "file": "keys" }"#).hasPrefix("/file: must be an absolute"))
    }
}
