import Foundation
import GatewayConfig
import Primitives
import Routing
import Testing

/// Holds `docs/reference/routing.md` against the code.
@Suite struct DocumentedRoutesTests {
    let page: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        self.page = try String(
            contentsOf: root.appendingPathComponent("docs/reference/routing.md"), encoding: .utf8)
    }

    /// The YAML blocks, without their indentation.
    func yamlBlocks() -> [String] {
        self.page.components(separatedBy: "```yaml\n").dropFirst().map { rest in
            let lines = rest.components(separatedBy: "```")[0].split(separator: "\n")
            let indentation = lines.first.map { $0.prefix { $0 == " " }.count } ?? 0
            return lines.filter { $0.contains { $0 != " " } }.map { String($0.dropFirst(indentation)) }
                .joined(separator: "\n")
        }
    }

    /// The cells of the table under that heading, without backquotes.
    func rows(_ heading: String) -> [[String]] {
        let lines = self.page.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.hasPrefix(heading) }.dropFirst(2).prefix { $0.hasPrefix("|") }.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
    }

    func compile(_ text: String) throws -> (table: RouteTable, problems: [ConfigProblem]) {
        let result = GatewayConfiguration.read(Array(text.utf8), fileName: "postern.yaml", directory: "/")
        guard case .loaded(let loaded) = result else {
            Issue.record("\(result)")
            return RouteTable.compile(routes: [], listenerNames: ["public"])
        }
        let configuration = loaded.configuration
        return RouteTable.compile(
            routes: configuration.routes, listenerNames: configuration.listeners.map(\.name)
        )
    }

    @Test("Each request of the page meets the rule that stands beside it")
    func requests() throws {
        let (table, problems) = try self.compile(#require(self.yamlBlocks().first))
        #expect(problems.isEmpty)
        let rows = self.rows("| request | rule |")
        #expect(rows.count == 11)
        for row in rows {
            let words = row[0].split(separator: " ").map(String.init)
            let headers = words.dropFirst(3).map { $0.split(separator: ":").map(String.init) }
            let request = makeRequest(
                words[2], host: words[1], method: words[0], headers: headers.map { ($0[0], $0[1]) }
            )
            let found = table.match(request, listener: 0)
            let rule = found < 0 ? nil : table.references[Int(found)]
            #expect(
                rule.map { "routes[\($0.route)].rules[\($0.rule)]" } ?? "none: 404" == row[1], "\(row[0])")
        }
    }

    @Test("The page shows the warning that its example gives")
    func warning() throws {
        let (_, problems) = try self.compile(#require(self.yamlBlocks().last))
        let shown = self.page.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(problems.count == 1)
        #expect(problems.allSatisfy { shown.contains($0.description) }, "\(problems)")
    }

    @Test("Each path of the page is rewritten as it says")
    func rewrites() {
        let rows = self.rows("| prefix | replacePrefix |")
        #expect(rows.count == 6)
        for row in rows {
            let output = ByteBuffer(capacity: 16)
            let rewrite = PathRewrite(.replacePrefix(row[1]), of: .prefix(row[0]))
            row[2].withByteView { rewrite.write($0, to: output) }
            #expect(output.view.string == row[3])
        }
    }
}
