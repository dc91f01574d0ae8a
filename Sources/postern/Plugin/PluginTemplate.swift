internal import Foundation
internal import PluginHost

/// The files of a new plugin, from `Templates` of the SDK: `NAME.c.template` becomes `hello.c`.
struct PluginTemplate {
    let language: PluginLanguage
    let kind: PluginKind
    /// Of the folder's name behind the language's.
    private var suffix: String {
        switch self.kind {
        case .httpFilter: ""
        case .networkFilter: "-network"
        case .adapter: "-adapter"
        }
    }
    let sdk: URL
    /// In configurations: `block-bots`.
    let name: String

    /// Modules that a filter and its test import, or that Swift brings.
    private static let taken: Set = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Observation",
        "Distributed", "Testing", "PackageDescription", "PosternSDK", "PosternTestKit",
    ]

    /// As a type of Swift: `BlockBots`.
    private var module: String {
        let words = self.name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let joined = words.joined()
        if Self.taken.contains(joined) { return "\(joined)Filter" }
        return joined.first?.isNumber == false ? joined : "Filter\(joined)"
    }

    private var placeholders: [(String, String)] {
        let word = self.name.replacingOccurrences(of: "-", with: "_")
        return [
            ("{{NAME}}", self.name), ("{{MODULE}}", self.module), ("{{SDK}}", self.sdk.path),
            ("{{DETAIL}}", word), ("{{METRIC}}", word.first?.isLetter == true ? word : "filter_\(word)"),
        ]
    }

    /// Writes all files.
    ///
    /// - Returns: Their paths, relative to `folder`.
    func write(to folder: URL) throws -> [String] {
        let folderName = self.language.rawValue + (self.suffix)
        let source = self.sdk.appendingPathComponent("Templates/\(folderName)")
        let paths = FileManager.default.enumerator(atPath: source.path)?.compactMap { $0 as? String } ?? []
        var written: [String] = []
        for path in paths.sorted() where path.hasSuffix(".template") {
            var target = String(path.dropLast(".template".count))
                .replacingOccurrences(of: "NAME", with: self.name)
                .replacingOccurrences(of: "MODULE", with: self.module)
            if target == "gitignore" { target = ".gitignore" }
            var text = try String(contentsOf: source.appendingPathComponent(path), encoding: .utf8)
            for (placeholder, value) in self.placeholders {
                text = text.replacingOccurrences(of: placeholder, with: value)
            }
            let file = folder.appendingPathComponent(target)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            written.append(target)
        }
        return written
    }
}

/// What a plugin is written in.
enum PluginLanguage: String, CaseIterable {
    case swift, c
}
