internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct RateLimitTests {
    @Test("Requests within the limit pass and say what is left; the next is answered 429")
    func limit() throws {
        let host = BucketHost()
        let plugin = try PluginUnderTest("rate-limit", #"{ "requests": 2, "per": "1s" }"#, host: host)
        plugin.stream.texts[.sourceAddress] = "192.0.2.1"
        for left in ["1", "0"] {
            #expect(plugin.request() == .continue)
            _ = plugin.response()
            let fields = [
                ["ratelimit-limit", "2"], ["ratelimit-remaining", left], ["ratelimit-reset", "1"],
            ]
            #expect(plugin.stream.response.pairs == fields)
        }
        #expect(plugin.request() == .responded)
        let response = try #require(plugin.stream.responses.first)
        #expect(response.status == 429)
        let fields = Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
        let expected = [
            "retry-after": "2", "ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "3",
        ]
        #expect(fields == expected)
    }

    @Test("Clients are told apart by the attribute; those without it share one bucket")
    func keys() throws {
        let config = #"{ "requests": 1, "per": "1m", "by": "request.headers['x-api-key']" }"#
        let plugin = try PluginUnderTest("rate-limit", config, host: BucketHost())
        #expect(plugin.request([("x-api-key", "a")]) == .continue)
        #expect(plugin.request([("x-api-key", "b")]) == .continue)
        #expect(plugin.request([("x-api-key", "a")]) == .responded)
        #expect(plugin.request() == .continue)
        #expect(plugin.request() == .responded)
    }

    @Test("A bucket of `burst` tokens fills up at the rate of `requests` in `per`")
    func burst() throws {
        let host = BucketHost()
        _ = try PluginUnderTest.blueprint(
            "rate-limit", #"{ "requests": 10, "per": "1s", "burst": 30 }"#, host: host)
        #expect(host.asked.map(\.capacity) == [30])
        #expect(host.asked.map(\.interval) == [.seconds(3)])
        #expect(host.asked.map(\.name) == ["rate-limit/source.address"])
    }

    @Test(
        "Of two limits on one request, the response shows the one with less left",
        arguments: [(0, "0"), (9, "1")])
    func twoLimits(_ other: Int, _ shown: String) throws {
        let plugin = try PluginUnderTest("rate-limit", #"{ "requests": 2, "per": "1s" }"#, host: BucketHost())
        _ = plugin.request()
        _ = plugin.response([("ratelimit-remaining", "\(other)")])
        let remaining = plugin.stream.response.pairs.filter { $0[0] == "ratelimit-remaining" }
        #expect(remaining == [["ratelimit-remaining", shown]])
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#"{ "requests": 0, "per": "1s" }"#, "requests"),
            (#"{ "requests": 1 }"#, "per"),
            (#"{ "requests": 1, "per": "0s" }"#, "must be at least 1ms"),
            (#"{ "requests": 1, "per": "soon" }"#, "must be a duration like 250ms, 2s or 1m30s, got 'soon'"),
            (#"{ "requests": 1, "per": "1s", "by": "source.adress" }"#, "'source.adress' is no attribute"),
            (#"{ "requests": 1, "per": "1s", "burst": 0 }"#, "burst"),
        ]
    )
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("rate-limit", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
