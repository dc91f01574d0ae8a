import Filtering
import HTTPCodec
import Primitives
import Testing

@Suite struct PathNormaliserTests {
    /// The path afterwards, or the details of the refusal; and the original when it changed.
    private func normalise(_ path: String, _ normaliser: PathNormaliser = PathNormaliser()) -> (
        String, String?
    ) {
        let block = HeaderBlock(capacity: 16)
        block.setPath(path.withByteView(block.copy))
        var original: ArenaRange?
        if let error = normaliser.normalise(block, originalPath: &original) {
            return (error.details.description, nil)
        }
        return (block.path.string, original.map { block.view($0).string })
    }

    @Test(
        "Resolves what RFC 3986 calls equivalent",
        arguments: [
            ("/", "/"), ("*", "*"), ("/a/b?c", "/a/b?c"), ("/.", "/"), ("/..", "/"), ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/a/b/../../../c", "/c"), ("/a/b/..", "/a/"),
            ("/...", "/..."),
            ("/.a/..b", "/.a/..b"), ("/a.b/c.", "/a.b/c."), ("/%41%7a%2D%2e%5f%7E", "/Az-._~"),
            ("/%2e%2e/a", "/a"),
            ("/a/%2E", "/a/"), ("/a//../b", "/a/b"), ("//a", "//a"), ("/a?b=/../%2e%2e", "/a?b=/../%2e%2e"),
            ("/%20%C3%A4", "/%20%C3%A4"), ("/a%2fb%5Cc", "/a%2fb%5Cc"), ("/a\\b\\..\\c", "/a/c"),
            ("/%25", "/%25"),
            ("/a/..?x", "/?x"), ("/abcdefgh/../x", "/x"), ("/%61?%zz", "/a?%zz"),
        ]
    )
    func equivalents(path: String, expected: String) {
        let (result, original) = self.normalise(path)
        #expect(result == expected)
        #expect(original == (path == expected ? nil : path))
    }

    @Test("The result is its own normal form, and merging and decoding reach it too")
    func idempotent() {
        let pieces = ["/", ".", "..", "a", "%2e", "%2F", "%41", "\\", "?", "/./", "//"]
        for normaliser in [
            PathNormaliser(), PathNormaliser(mergeSlashes: true, escapedSlashes: .decode),
            PathNormaliser(mergeSlashes: true),
        ] {
            for a in pieces {
                for b in pieces {
                    for c in pieces {
                        for d in pieces {
                            let path = "/" + a + b + c + d
                            let once = self.normalise(path, normaliser).0
                            #expect(self.normalise(once, normaliser).0 == once, "\(path)")
                            let segments = once.prefix { $0 != "?" }.split(separator: "/")
                            #expect(!segments.contains { $0 == "." || $0 == ".." }, "\(path)")
                        }
                    }
                }
            }
        }
    }

    @Test(
        "Refuses what services read in different ways",
        arguments: [
            ("/%", "path.bad_percent_escape"), ("/%4", "path.bad_percent_escape"),
            ("/%4g", "path.bad_percent_escape"),
            ("/%4?1", "path.bad_percent_escape"), ("/%00", "path.null"), ("/a#b", "path.fragment"),
            ("/a?b#c", "path.fragment"), ("/..#", "path.fragment"),
        ]
    )
    func refusals(path: String, details: String) { #expect(self.normalise(path).0 == details) }

    @Test("Merges slashes only when told to")
    func mergesSlashes() {
        let merging = PathNormaliser(mergeSlashes: true)
        #expect(self.normalise("//a///b//", merging).0 == "/a/b/")
        #expect(self.normalise("/a/..//b", merging).0 == "/b")
        #expect(self.normalise("/a?b//c", merging).0 == "/a?b//c")
        #expect(self.normalise("//a///b//").0 == "//a///b//")
    }

    @Test("Escaped slashes are kept, refused or decoded")
    func escapedSlashes() {
        #expect(self.normalise("/a%2F..", PathNormaliser(escapedSlashes: .reject)).0 == "path.escaped_slash")
        #expect(self.normalise("/a%5c..", PathNormaliser(escapedSlashes: .reject)).0 == "path.escaped_slash")
        #expect(self.normalise("/a%2F../b%5Cc", PathNormaliser(escapedSlashes: .decode)).0 == "/b/c")
        #expect(self.normalise("/a?%2F", PathNormaliser(escapedSlashes: .reject)).0 == "/a?%2F")
    }
}
