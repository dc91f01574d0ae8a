internal import Filtering
internal import Foundation
internal import Testing

/// The table of `docs/reference/attributes.md`.
@Suite struct DocumentedAttributesTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/reference/attributes.md").standardizedFileURL

    @Test("The page names every attribute, and nothing that is none")
    func complete() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let named = text.matches(of: /(?m)^\| `(.+?)` \|/).map { String($0.1) }
        for name in named { #expect(throws: Never.self) { try Attribute(parsing: name) } }
        let known = named.filter { !$0.contains("[") }
        #expect(Set(known) == Set(KnownAttribute.allCases.map(\.rawValue)))
        #expect(named.count == KnownAttribute.allCases.count + 2)
    }
}
