import Filtering
import GatewayConfig
import Primitives
import Routing
import Testing

@Suite struct PathRewriteTests {
    func rewritten(_ target: String, _ change: PathChange, _ match: PathMatch?) -> String {
        let output = ByteBuffer(capacity: 16)
        target.withByteView { PathRewrite(change, of: match).write($0, to: output) }
        return output.view.string
    }

    @Test(
        "A replaced prefix keeps the rest, its slash and the query",
        arguments: [
            ("/old", "/old", "/new", "/new"), ("/old", "/old/", "/new", "/new/"),
            ("/old", "/old/a", "/new", "/new/a"),
            ("/old", "/old?x=/old", "/new", "/new?x=/old"), ("/old/", "/old/a", "/new", "/new/a"),
            ("/old", "/old/a", "/new/", "/new/a"), ("/old", "/old", "/", "/"), ("/old", "/old/", "/", "/"),
            ("/old", "/old/a?b", "/", "/a?b"), ("/old", "/old?b", "/", "/?b"), ("/", "/a", "/new", "/new/a"),
            ("/", "/", "/new", "/new/"), ("/", "/a", "/", "/a"), ("/a/b", "/a/b//c", "/x/y", "/x/y//c"),
        ]
    )
    func replacePrefix(prefix: String, target: String, replacement: String, expected: String) {
        #expect(self.rewritten(target, .replacePrefix(replacement), .prefix(prefix)) == expected)
    }

    @Test("Without a prefix in the match the replacement goes before the whole path")
    func noPrefix() {
        #expect(self.rewritten("/a?b", .replacePrefix("/new"), nil) == "/new/a?b")
        #expect(self.rewritten("/a", .replacePrefix("/new"), .regex("/.*")) == "/new/a")
        #expect(self.rewritten("*", .replacePrefix("/new"), nil) == "/new")
    }

    @Test("A replaced path keeps the query only")
    func replaceFull() {
        #expect(self.rewritten("/a/b?c=d", .replaceFull("/x/"), .prefix("/a")) == "/x/?c=d")
        #expect(self.rewritten("/a", .replaceFull("/x"), nil) == "/x")
    }

    @Test("A rewrite changes path and authority of the request")
    func rewritePlan() {
        let request = makeRequest("/old/a?b", host: "shop.example.com:8080")
        let plan = RewritePlan(
            Rewrite(path: .replacePrefix("/"), host: "internal:81"), of: .prefix("/old")
        )
        #expect(plan.apply(to: request, scratch: ByteBuffer(capacity: 16)) == .done)
        #expect(request.path.string == "/a?b")
        #expect(request.authority.string == "internal:81")
        let nothing = RewritePlan(Rewrite(), of: nil)
        #expect(nothing.isEmpty)
        #expect(nothing.apply(to: request, scratch: ByteBuffer(capacity: 16)) == .done)
        #expect(request.path.string == "/a?b")
    }
}
