import ExpressionCases
import Foundation

/// The published cases beside the checkout, and the page that says which of them do not come out.
enum ConformanceFolder {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let data = Self.root.deletingLastPathComponent().appending(path: "shared/data/cel")

    static var isThere: Bool { FileManager.default.fileExists(atPath: Self.data.path) }

    struct Case: CustomStringConvertible {
        let file: String
        let line: String
        let json: JSONValue

        var section: String { self.json["section"]?.string ?? "" }
        var name: String { self.json["name"]?.string ?? "" }
        var description: String { "\(self.file)/\(self.section)/\(self.name)" }
        var namesMessage: Bool {
            self.line.contains("TestAllTypes") || self.line.contains("cel.expr.conformance")
        }
        var usesOptionals: Bool { self.json["expr"]?.string?.contains("optional.") == true }
    }

    static func cases() throws -> [Case] {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.data.path)
        return try files.filter { $0.hasSuffix(".jsonl") }.sorted().flatMap { file in
            try String(contentsOf: Self.data.appending(path: file), encoding: .utf8).split(separator: "\n")
                .map {
                    Case(file: String(file.dropLast(6)), line: String($0), json: try JSONText.parse($0))
                }
        }
    }

    /// One row of the page's table.
    struct Exclusion {
        let words: [String]
        let names: Set<String>
        let exceptions: Set<String>

        func covers(_ given: Case) -> Bool {
            if self.exceptions.contains(given.name) { return false }
            return self.names.contains(given.name) || self.words.contains("all")
                || self.words.contains("messages") && given.namesMessage
                || self.words.contains("optionals") && given.usesOptionals
        }
    }

    /// By file and section.
    static func exclusions() throws -> [String: Exclusion] {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/conformance/cel.md"), encoding: .utf8)
        var exclusions: [String: Exclusion] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| ") && !line.hasPrefix("| ---") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, cells[0] != "file" else { continue }
            let parts = cells[2].components(separatedBy: " but ")
            let first = parts[0].components(separatedBy: ", ")
            exclusions["\(cells[0])/\(cells[1])"] = Exclusion(
                words: first.filter { !$0.hasPrefix("`") }, names: Self.names(first),
                exceptions: parts.count > 1 ? Self.names(parts[1].components(separatedBy: ", ")) : [])
        }
        return exclusions
    }

    private static func names(_ cells: [String]) -> Set<String> {
        Set(cells.filter { $0.hasPrefix("`") }.map { $0.trimmingCharacters(in: ["`"]) })
    }
}
