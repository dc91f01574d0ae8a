internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct HeadersTests {
    @Test("Removes, then sets, then adds, in requests and responses")
    func changes() throws {
        let config = """
            { "request": { "set": { "x-a": "1" }, "add": { "x-b": "2" }, "remove": ["cookie", "X-Gone"] },
              "response": { "set": { "server": "postern" }, "remove": ["x-powered-by"] } }
            """
        let plugin = try PluginUnderTest("headers", config)
        let fields = [("X-A", "old"), ("x-a", "older"), ("x-b", "first"), ("Cookie", "c"), ("x-gone", "g")]
        #expect(plugin.request(fields) == .continue)
        #expect(plugin.stream.request.pairs == [["X-A", "1"], ["x-b", "first"], ["x-b", "2"]])
        #expect(plugin.response([("Server", "nginx"), ("X-Powered-By", "php")]) == .continue)
        #expect(plugin.stream.response.pairs == [["Server", "postern"]])
    }

    @Test("An attribute stands for its value, and for nothing when there is none; %% is a percent sign")
    func templates() throws {
        let config = """
            { "request": { "set": { "x-a": "100%% of %{request.headers['x-user']}/%{request.id}, 5%" } },
              "response": { "add": { "x-b": "%{response.code}" } } }
            """
        let plugin = try PluginUnderTest("headers", config)
        plugin.stream.texts[.requestID] = "r1"
        plugin.stream.integers[.responseCode] = 204
        _ = plugin.request([("x-user", "jason")])
        #expect(plugin.stream.request.pairs.last == ["x-a", "100% of jason/r1, 5%"])
        _ = plugin.request()
        #expect(plugin.stream.request.pairs.last == ["x-a", "100% of /r1, 5%"])
        _ = plugin.response(status: 204)
        #expect(plugin.stream.response.pairs == [["x-b", "204"]])
    }

    @Test(
        "A bad configuration is refused with the place",
        arguments: [
            ("{}", "changes nothing"),
            (#"{ "request": { "set": { "a b": "1" } } }"#, "'a b' is no header name"),
            (#"{ "request": { "set": { "a": "1\n" } } }"#, "must not hold control characters"),
            (#"{ "request": { "set": { "a": "%{request.id" } } }"#, "'%{' without '}'"),
            (#"{ "request": { "set": { "a": "%{request.idd}" } } }"#, "'request.idd' is no attribute"),
            (#"{ "response": { "set": { "a": "1" }, "remove": ["A"] } }"#, "also in set"),
            (#"{ "response": { "append": { "a": "1" } } }"#, "append"),
        ]
    )
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("headers", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
