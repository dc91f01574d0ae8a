internal import Filtering
internal import TestSupport
internal import Testing

@Suite struct BodyLimitTests {
    private func plugin() throws -> PluginUnderTest {
        try PluginUnderTest("body-limit", #"{ "request": "10B", "response": "20B" }"#)
    }

    @Test("A request that says that it is too large is refused at its head, and 10 bytes of 10 pass")
    func length() throws {
        let plugin = try self.plugin()
        #expect(plugin.request([("content-length", "10")], body: true) == .continue)
        for length in ["11", "99999999999999999999"] {
            #expect(plugin.request([("content-length", length)], body: true) == .responded)
        }
        #expect(plugin.stream.responses.map(\.status) == [413, 413])
        #expect(plugin.stream.responses.last?.details == "body_limit_request")
    }

    @Test("A request without a length is refused at the byte that is one too many")
    func chunks() throws {
        let plugin = try self.plugin()
        #expect(plugin.request(body: true) == .continue)
        #expect(plugin.requestBody([UInt8](repeating: 0, count: 6), endOfStream: false) == .continue)
        #expect(plugin.requestBody([UInt8](repeating: 0, count: 4), endOfStream: false) == .continue)
        #expect(plugin.requestBody([], endOfStream: false) == .continue)
        #expect(plugin.requestBody([0]) == .responded)
        #expect(plugin.stream.responses.map(\.status) == [413])
    }

    @Test("A response that says that it is too large is replaced; one that is without saying so is cut off")
    func response() throws {
        let plugin = try self.plugin()
        #expect(plugin.response([("content-length", "20")], body: true) == .continue)
        #expect(plugin.response([("content-length", "21")], body: true) == .responded)
        #expect(plugin.stream.responses.map(\.status) == [502])
        // An answer to HEAD has the length of what GET would give.
        #expect(plugin.response([("content-length", "21")]) == .continue)
        #expect(plugin.responseBody([UInt8](repeating: 0, count: 20), endOfStream: false) == .continue)
        #expect(plugin.responseBody([0]) == .failed)
    }

    @Test("A direction without a limit is not limited")
    func single() throws {
        let requests = try PluginUnderTest("body-limit", #"{ "request": "0B" }"#)
        #expect(requests.request() == .continue)
        #expect(requests.request([("content-length", "1")], body: true) == .responded)
        #expect(requests.response([("content-length", "1000000000000")], body: true) == .continue)
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            ("{}", "limits nothing"), (#"{ "request": "10" }"#, "request"),
            (#"{ "request": "1.5MiB" }"#, "request"), (#"{ "request": 10 }"#, "request"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("body-limit", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
