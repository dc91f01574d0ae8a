import TestSupport
import Foundation

/// `docs/architecture-layers.txt`: which of Postern's modules a module may import.
struct LayerTable {
    struct Row {
        let layer: Int
        let allowed: Set<String>
    }

    let rows: [String: Row]

    init(_ text: String) throws {
        var rows: [String: Row] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let halves = line.split(separator: ":", omittingEmptySubsequences: false)
            let head = halves[0].split(separator: " ")
            guard halves.count == 2, head.count == 2, let layer = Int(head[0]) else {
                throw Tool.Failure(description: "not 'LAYER MODULE: MODULE...': \(line)")
            }
            let allowed = Set(halves[1].split(separator: " ").map(String.init))
            rows[String(head[1])] = Row(layer: layer, allowed: allowed)
        }
        self.rows = rows
    }

    static func ofCheckout() throws -> LayerTable {
        let file = Checkout.root.appending(path: "docs/architecture-layers.txt")
        return try LayerTable(String(contentsOf: file, encoding: .utf8))
    }
}

/// One `import` of a source file.
struct ImportLine {
    let file: String
    let number: Int
    let accessLevel: String?
    let module: String

    static func all(in source: URL) throws -> [ImportLine] {
        let pattern =
            #/
            ^\s* (?: @\w+ (?: \(\w+\) )? \s+ )*
            (?: ( public | package | internal | fileprivate | private ) \s+ )?
            import \s+
            (?: (?: struct | class | enum | protocol | func | var | let | typealias ) \s+ )? ( \w+ )
            /#
        let lines = try String(contentsOf: source, encoding: .utf8).components(separatedBy: "\n")
        return lines.enumerated().compactMap { index, line in
            guard let match = line.firstMatch(of: pattern) else { return nil }
            return ImportLine(
                file: source.path.replacingOccurrences(of: Checkout.root.path + "/", with: ""),
                number: index + 1,
                accessLevel: match.1.map(String.init),
                module: String(match.2)
            )
        }
    }
}
