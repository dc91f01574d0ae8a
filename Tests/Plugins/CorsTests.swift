internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct CorsTests {
    private static let preflight = [
        ("origin", "https://app.example.com"), ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type, x-a"),
    ]

    private func answer(_ plugin: PluginUnderTest) throws -> [String: String] {
        let response = try #require(plugin.stream.responses.last)
        return Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
    }

    @Test("A preflight request of an allowed origin is answered here, with what the page may do")
    func preflight() throws {
        let config = """
            { "origins": ["https://app.example.com"], "methods": ["GET", "PUT"], "headers": ["content-type"],
              "credentials": true, "maxAge": "1m30s" }
            """
        let plugin = try PluginUnderTest("cors", config)
        #expect(plugin.request(Self.preflight, method: "OPTIONS") == .responded)
        #expect(plugin.stream.responses.last?.status == 200)
        let expected = [
            "access-control-allow-origin": "https://app.example.com",
            "access-control-allow-methods": "GET, PUT", "access-control-allow-headers": "content-type",
            "access-control-allow-credentials": "true", "access-control-max-age": "90",
            "vary": "origin, access-control-request-method, access-control-request-headers",
        ]
        #expect(try self.answer(plugin) == expected)
        // The answer passes the filter's own response hook, which leaves it alone.
        let fields = [("access-control-allow-origin", "https://app.example.com")]
        #expect(plugin.response(fields) == .continue)
        #expect(plugin.stream.response.pairs.count == 1)
    }

    @Test("With '*', the answer lists what the page has asked for, unless that is no list")
    func anything() throws {
        let plugin = try PluginUnderTest("cors", #"{ "origins": ["*"], "methods": ["*"], "maxAge": "0s" }"#)
        #expect(plugin.request(Self.preflight, method: "OPTIONS") == .responded)
        var fields = try self.answer(plugin)
        #expect(fields["access-control-allow-origin"] == "*")
        #expect(fields["access-control-allow-methods"] == "PUT")
        #expect(fields["access-control-allow-headers"] == "content-type, x-a")
        #expect(fields["access-control-max-age"] == nil)
        let odd = [
            ("origin", "a"), ("access-control-request-method", "P T"),
            ("access-control-request-headers", "a;b"),
        ]
        #expect(plugin.request(odd, method: "OPTIONS") == .responded)
        fields = try self.answer(plugin)
        #expect(
            fields["access-control-allow-methods"] == nil && fields["access-control-allow-headers"] == nil)
    }

    @Test("A page of a public site may ask for a private network only where that is allowed")
    func privateNetwork() throws {
        for (isAllowed, value) in [(true, "true"), (false, nil)] {
            let plugin = try PluginUnderTest(
                "cors", #"{ "origins": ["*"], "privateNetwork": \#(isAllowed) }"#)
            let asked = Self.preflight + [("access-control-request-private-network", "true")]
            #expect(plugin.request(asked, method: "OPTIONS") == .responded)
            #expect(try self.answer(plugin)["access-control-allow-private-network"] == value)
            _ = plugin.request(Self.preflight, method: "OPTIONS")
            #expect(try self.answer(plugin)["access-control-allow-private-network"] == nil)
        }
    }

    @Test("An allowed page may read the response, in whatever words the service speaks of it")
    func actual() throws {
        let config = """
            { "origins": ["https://app.example.com"], "credentials": true, "exposedHeaders": ["x-a", "x-b"] }
            """
        let plugin = try PluginUnderTest("cors", config)
        #expect(plugin.request([("origin", "https://app.example.com")]) == .continue)
        _ = plugin.response([("Access-Control-Allow-Origin", "*"), ("Vary", "accept-language")])
        let expected = [
            ["Vary", "accept-language"], ["vary", "Origin"],
            ["access-control-allow-origin", "https://app.example.com"],
            ["access-control-allow-credentials", "true"], ["access-control-expose-headers", "x-a, x-b"],
        ]
        #expect(plugin.stream.response.pairs == expected)
    }

    @Test("Other pages get the response without leave to read it; caches are told that origins differ")
    func others() throws {
        let plugin = try PluginUnderTest("cors", #"{ "origins": ["https://app.example.com"] }"#)
        for fields in [[("origin", "https://evil.example")], []] {
            plugin.startOver()
            #expect(plugin.request(fields) == .continue)
            _ = plugin.response([
                ("access-control-allow-origin", "https://evil.example"), ("Vary", "a, Origin"),
            ])
            #expect(plugin.stream.response.pairs == [["Vary", "a, Origin"]])
        }
        #expect(
            plugin.request(
                [("origin", "https://evil.example"), ("access-control-request-method", "GET")],
                method: "OPTIONS") == .responded)
        #expect(plugin.stream.responses.map(\.status) == [403])
        #expect(plugin.stream.responses.map(\.details) == ["cors_origin_refused"])
    }

    @Test("Requests of other pages can be refused, and preflight requests left to the service")
    func options() throws {
        let strict = try PluginUnderTest(
            "cors", #"{ "origins": ["https://app.example.com"], "refuseOthers": true }"#)
        #expect(strict.request([("origin", "https://evil.example")], method: "POST") == .responded)
        #expect(strict.request([]) == .continue)
        let passing = try PluginUnderTest(
            "cors", #"{ "origins": ["https://app.example.com"], "answerPreflight": false }"#)
        #expect(passing.request(Self.preflight, method: "OPTIONS") == .continue)
        // Without the method asked for it is no preflight request.
        let plain = try PluginUnderTest("cors", #"{ "origins": ["https://app.example.com"] }"#)
        #expect(plain.request([("origin", "https://evil.example")], method: "OPTIONS") == .continue)
    }

    @Test(
        "Origins are compared byte by byte; a star is labels of a host or a port; patterns are anchored",
        arguments: [
            ("https://a.example.org", true), ("https://a.b.example.org", true),
            ("https://example.org", false),
            ("https://.example.org", false), ("http://a.example.org", false),
            ("https://a.example.org.evil.net", false), ("https://evil.net/.example.org", false),
            ("https://evil.net:1.example.org", false), ("https://evil@a.example.org", false),
            ("https://a.example.org:8443", false), ("http://localhost:3000", true),
            ("http://localhost", false),
            ("http://localhost:", false), ("http://localhost:80.evil.net", false), ("null", false),
            ("https://pr-12.example.com", true), ("https://pr-12.example.com.evil.net", false),
            ("xhttps://pr-12.example.com", false), ("https://PR-12.example.com", false), ("", false),
        ])
    func matching(_ origin: String, _ isAllowed: Bool) throws {
        let config = #"""
            { "origins": ["https://*.example.org", "http://localhost:*"],
              "originPatterns": ["https://pr-[0-9]+\\.example\\.com"], "refuseOthers": true }
            """#
        let plugin = try PluginUnderTest("cors", config)
        #expect((plugin.request([("origin", origin)]) == .continue) == isAllowed)
    }

    @Test(
        "A bad configuration is refused with the place",
        arguments: [
            ("{}", "allows no origin"),
            (#"{ "origins": ["*"], "credentials": true }"#, "would let every site act"),
            (#"{ "origins": ["*", "https://a.example"] }"#, "no other can stand beside it"),
            (#"{ "origins": ["https://a.example/"] }"#, "must be '*', 'null' or an origin"),
            (#"{ "origins": ["a.example"] }"#, "must be '*', 'null' or an origin"),
            (#"{ "origins": ["https://A.example"] }"#, "must be '*', 'null' or an origin"),
            (#"{ "origins": ["https://*example.com"] }"#, "'*' must stand once"),
            (#"{ "origins": ["https://*.*.example.com"] }"#, "'*' must stand once"),
            (#"{ "origins": ["https://*"] }"#, "'*' must stand once"),
            (#"{ "origins": ["*"], "originPatterns": ["("] }"#, "no other can stand beside it"),
            (#"{ "originPatterns": ["("] }"#, "is no regular expression: missing )"),
            (#"{ "origins": ["*"], "methods": ["G T"] }"#, "'G T' is no name"),
            (#"{ "origins": ["*"], "headers": ["*", "a"] }"#, "stands for all"),
            (
                #"{ "origins": ["https://a.example"], "exposedHeaders": ["*"], "credentials": true }"#,
                "no effect"
            ),
            (#"{ "origins": ["*"], "maxAge": "long" }"#, "must be a duration"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("cors", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
