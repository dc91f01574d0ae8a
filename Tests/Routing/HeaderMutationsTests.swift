import Filtering
import GatewayConfig
import Primitives
import Routing
import Testing

@Suite struct HeaderMutationsTests {
    func fields(_ block: HeaderBlock) -> [String] {
        (0..<block.count).map { "\(block.name(block[$0]).string): \(block.value(block[$0]).string)" }
    }

    @Test("Removes first, then sets, then adds")
    func order() {
        let block = makeRequest(
            "/", headers: [("X-A", "1"), ("accept", "*/*"), ("x-a", "2"), ("Server", "s")])
        let mutations = HeaderMutations(
            HeaderChanges(
                set: [HeaderPair("x-b", "3"), HeaderPair("accept", "text/html")],
                add: [HeaderPair("x-b", "4"), HeaderPair("x-a", "5")],
                remove: ["x-a", "server", "not-there"]
            )
        )
        #expect(mutations.apply(to: block) == .done)
        #expect(self.fields(block) == ["accept: text/html", "x-b: 3", "x-b: 4", "x-a: 5"])
    }

    @Test("To set the host changes the authority")
    func host() {
        let block = makeRequest("/")
        HeaderMutations(HeaderChanges(set: [HeaderPair("host", "y.com")])).apply(to: block)
        #expect(block.authority.string == "y.com")
        #expect(block.count == 0)
    }

    @Test("A change that is not possible is reported and the others are made")
    func failure() {
        let block = makeRequest("/")
        let mutations = HeaderMutations(
            HeaderChanges(
                set: [HeaderPair("x-a", "1\r\n")], add: [HeaderPair("x b", "1"), HeaderPair("x-c", "2")])
        )
        #expect(mutations.apply(to: block) == .invalidValue)
        #expect(self.fields(block) == ["x-c: 2"])
    }

    @Test("No changes leave the block alone")
    func nothing() {
        #expect(HeaderMutations(HeaderChanges()).isEmpty)
        #expect(!HeaderMutations(HeaderChanges(remove: ["a"])).isEmpty)
    }
}
