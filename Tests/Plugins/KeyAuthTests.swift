internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct KeyAuthTests {
    @Test("Each key leads to its consumer; a consumer may have several")
    func consumers() throws {
        let config = """
            { "keys": [{ "name": "alice", "key": "a" }, { "name": "bob", "key": "b" },
                       { "name": "alice", "key": "c" }] }
            """
        let plugin = try PluginUnderTest("key-auth", config)
        for (key, name) in [("a", "alice"), ("b", "bob"), ("c", "alice")] {
            #expect(plugin.request([("x-api-key", key)]) == .continue)
            #expect(plugin.stream.request.pairs == [["x-consumer", name]])
        }
        for key in ["", "A", "ab", "d"] { #expect(plugin.request([("x-api-key", key)]) == .responded) }
        #expect(plugin.stream.responses.map(\.status) == [401, 401, 401, 401])
    }

    @Test("The headers' names are configurable, and the key can be left in place")
    func options() throws {
        let config = """
            { "header": "X-Token", "consumerHeader": "x-user", "hideCredentials": false,
              "keys": [{ "name": "alice", "key": "a" }] }
            """
        let plugin = try PluginUnderTest("key-auth", config)
        #expect(plugin.request([("x-token", "a"), ("x-user", "root")]) == .continue)
        #expect(plugin.stream.request.pairs == [["x-token", "a"], ["x-user", "alice"]])
        #expect(plugin.request([("x-api-key", "a")]) == .responded)
    }

    @Test("The reason differs for a missing and a wrong key; the answer shows neither key nor consumers")
    func reasons() throws {
        let plugin = try PluginUnderTest("key-auth", #"{ "keys": [{ "name": "alice", "key": "a" }] }"#)
        _ = plugin.request()
        _ = plugin.request([("x-api-key", "wrong")])
        #expect(plugin.stream.responses.map(\.details) == ["key_auth_no_key", "key_auth_unknown_key"])
        let bodies = plugin.stream.responses.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies == ["no API key\n", "this API key is not accepted\n"])
    }

    @Test(
        "A bad configuration is refused, without showing a key",
        arguments: [
            (#"{ "keys": [] }"#, "keys"),
            ("{}", "keys"),
            (
                #"{ "keys": [{ "name": "a", "key": "s3cret" }, { "name": "b", "key": "s3cret" }] }"#,
                "the same as that of"
            ),
            (
                #"{ "keys": [{ "name": "a b", "key": "s3cret" }] }"#,
                "must be visible ASCII without spaces, got 'a b'"
            ),
            (#"{ "keys": [{ "name": "a", "key": "" }] }"#, "key"),
            (#"{ "keys": [{ "name": "a", "key": "s3cret" }], "header": "a b" }"#, "'a b' is no header name"),
            (#"{ "keys": [{ "name": "a", "key": "s3cret" }], "haeder": "a" }"#, "haeder"),
            (
                #"{ "keys": [{ "name": "a", "key": "s3cret" }], "consumerHeader": "X-API-Key" }"#,
                "must not be the header"
            ),
            (
                #"{ "keys": [{ "name": "a", "key": { "env": "POSTERN_TEST_NOT_SET" } }] }"#,
                "POSTERN_TEST_NOT_SET"
            ),
        ]
    )
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("key-auth", config)
        #expect(problems.contains(reason), "\(problems)")
        #expect(!problems.contains("s3cret"))
    }
}
