internal import Filtering
internal import PluginHost
internal import Primitives
internal import TestSupport
internal import Testing

/// `jwt-auth` with keys that a service has.
@Suite struct JwtKeyFetchTests {
    private let made: JwtTokens
    private let host = FakeHost()
    private let blueprint: PluginBlueprint
    private let plugin: PluginUnderTest

    init() throws {
        self.made = try JwtTokens.made.get()
        let config = """
            { "providers": [{ "issuer": "https://id.example/",
                "keysFrom": { "service": "id", "path": "/jwks", "authority": "id.example", "cacheTime": "10m",
                              "timeout": "3s" } }] }
            """
        self.blueprint = try PluginUnderTest.blueprint("jwt-auth", config, host: self.host)
        self.plugin = PluginUnderTest(self.blueprint)
    }

    private func ask(_ plugin: PluginUnderTest, _ token: String) -> FilterAction {
        plugin.request([("authorization", "Bearer \(self.made[token])")])
    }

    private func answer(_ plugin: PluginUnderTest, _ body: String, status: Int = 200) {
        let head = HeaderBlock()
        head.status = status
        body.withByteView {
            plugin.worker.answer(.answer(head: head, body: $0, trailers: HeaderBlock(capacity: 16)))
        }
    }

    private func advance(_ plugin: PluginUnderTest, seconds: UInt64) {
        plugin.worker.advance(byNanoseconds: seconds * 1_000_000_000)
    }

    private func details(_ plugin: PluginUnderTest) -> String? { plugin.stream.responses.last?.details }

    @Test("The service is known before it is called, and called once for all requests of its time")
    func once() throws {
        #expect(self.blueprint.services.map(\.name) == ["id"])
        #expect(self.blueprint.services.map(\.pointer) == ["/providers/0/keysFrom/service"])
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        let callout = try #require(self.plugin.worker.callouts.first?.callout)
        #expect(callout.service == "id" && callout.head.path == "/jwks")
        #expect(callout.head.authority == "id.example" && callout.timeout == 3_000_000_000)
        // Others wait for the same answer, in whichever worker they are.
        let others = (1...3).map { _ in PluginUnderTest(self.blueprint) }
        for other in others {
            #expect(self.ask(other, "pyjwt ES256") == .pause)
            #expect(other.worker.callouts.isEmpty)
        }
        self.answer(self.plugin, self.made.p256)
        #expect(self.plugin.stream.resumed.map(\.direction) == [.request])
        for other in others {
            #expect(other.worker.runPosted() == 1)
            #expect(other.stream.resumed.count == 1)
            #expect(other.stream.request.pairs.isEmpty)
            #expect(self.ask(other, "pyjwt ES256") == .continue)
        }
        self.advance(self.plugin, seconds: 599)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .continue)
        self.advance(self.plugin, seconds: 2)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
    }

    @Test("An unknown key asks for the set again, but not more often than every 30 seconds")
    func rotation() throws {
        _ = self.ask(self.plugin, "pyjwt ES256")
        self.answer(self.plugin, self.made.p256)
        // Just fetched: a forged key id is no way to have the service called.
        #expect(self.ask(self.plugin, "new key") == .responded)
        #expect(self.details(self.plugin) == "jwt_auth_invalid_token")
        self.advance(self.plugin, seconds: 31)
        #expect(self.ask(self.plugin, "new key") == .pause)
        let other = PluginUnderTest(self.blueprint)
        self.advance(other, seconds: 31)
        #expect(self.ask(other, "unknown kid") == .pause)
        #expect(other.worker.callouts.isEmpty)
        self.answer(self.plugin, self.made.rotated)
        #expect(self.plugin.stream.resumed.count == 2)
        #expect(other.worker.runPosted() == 1)
        #expect(other.stream.resumed.isEmpty && self.details(other) == "jwt_auth_invalid_token")
        #expect(self.ask(self.plugin, "new key") == .continue)
        #expect(self.ask(self.plugin, "unknown kid") == .responded)
        #expect(self.plugin.worker.callouts.isEmpty)
    }

    @Test(
        "Without keys requests get 503, and the service is left alone for five seconds",
        arguments: [nil, "", "{}", "{\"keys\":[]}", "<html>"] as [String?])
    func failure(_ body: String?) throws {
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        if let body { self.answer(self.plugin, body) } else { self.plugin.worker.answer(.failed(.timedOut)) }
        #expect(self.details(self.plugin) == "jwt_auth_no_keys")
        #expect(self.plugin.stream.responses.last?.status == 503)
        #expect(self.host.lines.last?.message.hasPrefix("cannot fetch keys of 'https://id.example/'") == true)
        self.advance(self.plugin, seconds: 4)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .responded)
        #expect(self.plugin.worker.callouts.isEmpty)
        self.advance(self.plugin, seconds: 2)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        self.answer(self.plugin, self.made.p256, status: 500)
        #expect(self.details(self.plugin) == "jwt_auth_no_keys")
    }

    @Test("Old keys serve for an hour when the service does not answer")
    func stale() throws {
        _ = self.ask(self.plugin, "pyjwt ES256")
        self.answer(self.plugin, self.made.p256)
        self.advance(self.plugin, seconds: 601)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        self.plugin.worker.answer(.failed(.unreachable))
        #expect(self.plugin.stream.resumed.count == 2)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .continue)
        #expect(self.ask(self.plugin, "new key") == .responded)
        #expect(self.details(self.plugin) == "jwt_auth_invalid_token")
        // The token has expired by then; what counts is that it is not even looked at.
        self.advance(self.plugin, seconds: 3600)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        self.plugin.worker.answer(.failed(.unreachable))
        #expect(self.details(self.plugin) == "jwt_auth_no_keys")
    }

    @Test("When the request that fetches is over, another one fetches")
    func abandoned() throws {
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        let others = (1...2).map { _ in PluginUnderTest(self.blueprint) }
        for other in others { #expect(self.ask(other, "pyjwt ES256") == .pause) }
        let callout = try #require(self.plugin.worker.callouts.first)
        self.plugin.worker.cancel(callout.id)
        for other in others { #expect(other.worker.runPosted() == 1) }
        #expect(others.map(\.worker.callouts.count) == [1, 0])
        self.answer(others[0], self.made.p256)
        #expect(others[0].stream.resumed.count == 1)
        #expect(others[1].worker.runPosted() == 1)
        #expect(others[1].stream.resumed.count == 1)
    }

    @Test("A service that is gone, or a request that is over while it waits, harms nobody")
    func gone() throws {
        self.plugin.worker.services = []
        #expect(self.ask(self.plugin, "pyjwt ES256") == .responded)
        #expect(self.details(self.plugin) == "jwt_auth_no_keys")
        self.plugin.worker.services = nil
        self.advance(self.plugin, seconds: 6)
        #expect(self.ask(self.plugin, "pyjwt ES256") == .pause)
        let waiting = PluginUnderTest(self.blueprint)
        self.advance(waiting, seconds: 6)
        #expect(self.ask(waiting, "pyjwt ES256") == .pause)
        waiting.startOver()
        self.answer(self.plugin, self.made.p256)
        _ = waiting.worker.runPosted()
        #expect(waiting.stream.resumed.isEmpty && waiting.stream.responses.isEmpty)
    }
}
