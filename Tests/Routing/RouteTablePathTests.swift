import Filtering
import GatewayConfig
import Routing
import Testing

@Suite struct RouteTablePathTests {
    @Test(
        "A prefix matches whole segments",
        arguments: [
            ("/api", true), ("/api/", true), ("/api/x", true), ("/api//x", true), ("/api?x=/y", true),
            ("/apix", false), ("/ap", false), ("/", false), ("/x/api", false), ("/API", false), ("*", false),
        ]
    )
    func prefix(target: String, matches: Bool) {
        for configured in ["/api", "/api/"] {
            let routes = table([.prefix(configured)])
            #expect((routes.match(makeRequest(target), listener: 0) == 0) == matches, "\(configured)")
        }
    }

    @Test(
        "An exact path matches itself alone, with any query",
        arguments: [("/a/b", true), ("/a/b?c", true), ("/a/b/", false), ("/a/b/c", false), ("/a", false)]
    )
    func exact(target: String, matches: Bool) {
        #expect((table([.exact("/a/b")]).match(makeRequest(target), listener: 0) == 0) == matches)
    }

    @Test("The path with a final slash is another path")
    func finalSlash() {
        let routes = table([.exact("/a/"), .exact("/a"), .exact("/")])
        #expect(routes.match(makeRequest("/a/"), listener: 0) == 0)
        #expect(routes.match(makeRequest("/a"), listener: 0) == 1)
        #expect(routes.match(makeRequest("/?a"), listener: 0) == 2)
        #expect(routes.match(makeRequest("//"), listener: 0) == -1)
    }

    @Test("A regular expression matches the whole path without the query")
    func regex() {
        let routes = table([.regex("/v[0-9]+/items|/x"), .regex(".*\\.png")])
        #expect(routes.match(makeRequest("/v12/items?q=1"), listener: 0) == 0)
        #expect(routes.match(makeRequest("/x"), listener: 0) == 0)
        #expect(routes.match(makeRequest("/v12/items/1"), listener: 0) == -1)
        #expect(routes.match(makeRequest("/a/b.png?x.gif"), listener: 0) == 1)
        #expect(routes.match(makeRequest("/a?b.png"), listener: 0) == -1)
    }

    @Test("The first rule in file order wins, however its path is given")
    func fileOrder() {
        let wide = table([.prefix("/"), .prefix("/a"), .exact("/a")])
        #expect(wide.match(makeRequest("/a"), listener: 0) == 0)
        let mixed = table([.regex("/a/[0-9]+"), .prefix("/a"), .exact("/a/b"), .regex("/.*"), .prefix("/")])
        #expect(mixed.match(makeRequest("/a/1"), listener: 0) == 0)
        #expect(mixed.match(makeRequest("/a/b"), listener: 0) == 1)
        #expect(mixed.match(makeRequest("/c"), listener: 0) == 3)
        let narrow = table([.exact("/a/b/c"), .prefix("/a/b"), .prefix("/a"), .prefix("/")])
        let found = ["/a/b/c", "/a/b/d", "/a/x", "/x"].map { narrow.match(makeRequest($0), listener: 0) }
        #expect(found == [0, 1, 2, 3])
    }

    @Test("A rule without a path also takes a target that is none")
    func asterisk() {
        let routes = table([.prefix("/"), .regex("\\*"), RuleMatch()])
        #expect(routes.match(makeRequest("*", method: "OPTIONS"), listener: 0) == 1)
        #expect(table([.prefix("/"), RuleMatch()]).match(makeRequest("*"), listener: 0) == 1)
    }

    @Test("Segments of every length around the word size are told apart")
    func segmentLengths() {
        let paths = (0...40).map { "/" + String(repeating: "a", count: $0) }
        let routes = table(paths.map { .exact($0 + "/b") } + paths.map { .exact($0) })
        for (length, path) in paths.enumerated() {
            #expect(routes.match(makeRequest(path + "/b"), listener: 0) == Int32(length))
            #expect(routes.match(makeRequest(path), listener: 0) == Int32(41 + length))
        }
    }

    @Test("Paths of more than 63 segments are found")
    func deepPaths() {
        let deep = String(repeating: "/a", count: 80)
        let routes = table([.exact(deep), .prefix(String(repeating: "/a", count: 70))])
        #expect(routes.match(makeRequest(deep), listener: 0) == 0)
        #expect(routes.match(makeRequest(deep + "/a"), listener: 0) == 1)
        #expect(routes.match(makeRequest(String(repeating: "/a", count: 69)), listener: 0) == -1)
    }
}
