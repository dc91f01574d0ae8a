import Foundation
import Testing

/// The pages in Markdown: links lead somewhere, and the index has every page.
@Suite struct DocumentationTests {
    private static let pages =
        ["docs", "Plugins", "SDK", "Fuzz", "benchmarks", "Tests"].flatMap {
            Checkout.files(below: Checkout.root.appending(path: $0), suffix: ".md")
        } + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map { Checkout.root.appending(path: $0) }

    @Test("Every relative link leads to a file, and to a heading where it names one")
    func links() throws {
        for page in Self.pages {
            for target in try Self.links(of: page) {
                let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let file =
                    parts[0].isEmpty
                    ? page
                    : page.deletingLastPathComponent().appending(path: String(parts[0])).standardizedFileURL
                let isThere = FileManager.default.fileExists(atPath: file.path)
                #expect(isThere, "\(page.lastPathComponent): \(target)")
                guard isThere, parts.count == 2 else { continue }
                #expect(
                    try Self.anchors(of: file).contains(String(parts[1])),
                    "\(page.lastPathComponent): no such heading: \(target)")
            }
        }
    }

    @Test("The index names every page below docs/")
    func index() throws {
        let docs = Checkout.root.appending(path: "docs")
        let index = docs.appending(path: "README.md")
        let named = Set(try Self.links(of: index).map { docs.appending(path: $0).standardizedFileURL.path })
        for page in Checkout.files(below: docs, suffix: ".md") where page.path != index.path {
            #expect(named.contains(page.standardizedFileURL.path), "docs/README.md lacks \(page.path)")
        }
    }

    @Test("The life of a request names files that are there")
    func sources() throws {
        let page = Checkout.root.appending(path: "docs/life-of-a-request.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let paths = Checkout.files(below: Checkout.root.appending(path: "Sources"), suffix: ".swift").map(
            \.path)
        for match in text.matches(of: /`([A-Za-z0-9\/+]+\.swift)`/) {
            #expect(paths.contains { $0.hasSuffix("/\(match.1)") }, "there is no \(match.1)")
        }
    }

    /// Targets within the working copy; what is code is none.
    private static func links(of page: URL) throws -> [String] {
        let text = try String(contentsOf: page, encoding: .utf8)
            .replacing(/(?m)^```[\s\S]*?^```/, with: "").replacing(/`[^`\n]*`/, with: "")
        return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }.filter { !$0.contains("://") }
    }

    /// As GitHub makes them of headings.
    private static func anchors(of page: URL) throws -> Set<String> {
        let text = try String(contentsOf: page, encoding: .utf8)
        return Set(
            text.matches(of: /(?m)^#+ (.+)$/).map {
                $0.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .replacing(" ", with: "-")
            })
    }
}
