internal import MiniKeyAuth
internal import PosternTestKit
internal import Testing

@Suite struct MiniKeyAuthTests {
    private let config = #"{ "keys": { "alice": "a-secret", "bob": "another" } }"#

    @Test("Each key leads to its consumer, and goes no further")
    func consumers() throws {
        let filter = try TestHost().configure(MiniKeyAuth.self, self.config)
        for (key, name) in [("a-secret", "alice"), ("another", "bob")] {
            let exchange = filter.send(TestRequest(headers: ["x-api-key": key, "x-consumer": "root"]))
            #expect(exchange.forwarded?.headers.all("x-consumer") == [name])
            #expect(exchange.forwarded?.headers["x-api-key"] == nil)
        }
    }

    @Test("No key, and one that nobody has, are refused", arguments: [[:], ["x-api-key": "guessed"]])
    func refused(_ headers: TestFields) throws {
        let exchange = try TestHost().configure(MiniKeyAuth.self, self.config).send(
            TestRequest(headers: headers))
        #expect(exchange.forwarded == nil && exchange.response?.status == 401)
    }

    @Test("Two consumers with one key are a mistake")
    func same() throws {
        let error = #expect(throws: TestConfigRefused.self) {
            try TestHost().configure(MiniKeyAuth.self, #"{ "keys": { "a": "x", "b": "x" } }"#)
        }
        #expect(error?.problems.map(\.pointer) == ["/keys"])
    }
}
