import Foundation
import Testing

/// `docs/reference/http2.md` against the codec.
@Suite struct DocumentedHTTP2Tests {
    @Test("Every word that a fault of HTTP/2 is given stands in the reference, and no other")
    func details() throws {
        let folders = ["Sources/HTTPCodec/HTTP2", "Sources/DataPlane/Client"]
        let files = folders.flatMap {
            Checkout.files(below: Checkout.root.appending(path: $0), suffix: ".swift")
        }
        var given: Set<String> = []
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"(http2\.[a-z0-9_]+)"/) { given.insert(String(match.1)) }
        }
        #expect(given.count > 50)
        let page = try String(
            contentsOf: Checkout.root.appending(path: "docs/reference/http2.md"), encoding: .utf8)
        let named = Set(
            page.matches(of: /`(http2\.[a-z0-9_]+_[a-z0-9_]+|http2\.ended)`/).map { String($0.1) })
        #expect(given.subtracting(named) == [])
        #expect(named.subtracting(given) == [])
    }
}
