import Foundation
import Primitives
import Testing

@testable import Expressions

/// `docs/reference/expressions.md` against what there is.
@Suite struct DocumentedExpressionsTests {
    private static func page() throws -> String {
        let url = ConformanceFolder.root.appending(path: "docs/reference/expressions.md")
        return try String(contentsOf: url, encoding: .utf8)
    }

    private static func section(_ heading: String) throws -> String {
        let page = try Self.page()
        let start = try #require(page.range(of: "\n## \(heading)\n"))
        return page[start.upperBound...].components(separatedBy: "\n## ")[0]
    }

    @Test("Every function stands in the reference, and no other")
    func functions() throws {
        let table = FunctionTable.standard
        let known = Set(table.entries.keys.filter { !$0.contains("_") && $0 != "@in" })
        var named: Set<String> = []
        for match in try Self.section("Functions").matches(of: /`([a-zA-Z0-9.]+)\(/) {
            let name = String(match.1)
            let last = name.split(separator: ".").last.map(String.init) ?? name
            named.insert(table[name] != nil ? name : last)
        }
        #expect(named.subtracting(known) == [])
        #expect(known.subtracting(named) == [])
    }

    @Test("Every standard attribute stands in the reference with its type")
    func attributes() throws {
        var types: [String: String] = [:]
        for line in try Self.section("Attributes").split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 2 else { continue }
            for match in cells[0].matches(of: /`([a-z0-9_.]+)`/) { types[String(match.1)] = cells[1] }
        }
        for attribute in StandardAttribute.allCases {
            #expect(types[attribute.name] == attribute.type.rawValue, "\(attribute.name)")
        }
        #expect(types.count == StandardAttribute.allCases.count)
    }

    @Test("The limits in the reference are those that hold")
    func limits() throws {
        let limits = try Self.section("Limits")
        #expect(EvaluationLimits.defaults.steps == 100_000 && limits.contains("100,000 steps"))
        #expect(EvaluationLimits.defaults.memory == .mebibytes(1) && limits.contains("1 MiB"))
        #expect(Parser.depthLimit == 250 && limits.contains("250 levels"))
        #expect(Parser.textLimit == 64 << 10 && limits.contains("64 KiB"))
        #expect(FormatClause.precisionLimit == 64 && limits.contains("in `format` | 64"))
    }
}
