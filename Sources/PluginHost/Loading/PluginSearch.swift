internal import Glibc

/// Where plugins are looked for by name: the installed folder first, then the configured ones.
public struct PluginSearch: Sendable, Hashable {
    /// Folders, in order.
    public var folders: [String]

    /// - Parameters:
    ///   - paths: The configuration's `plugins.path`, absolute.
    ///   - installed: The folder of the installed plugins; by default `../lib/postern/plugins` seen from the
    ///     program.
    public init(paths: [String], installed: String? = PluginSearch.installedFolder) {
        self.folders = (installed.map { [$0] } ?? []) + paths
    }

    /// `../lib/postern/plugins` seen from this program's file, wherever the tree was moved.
    public static var installedFolder: String? {
        let program = readLink("/proc/self/exe")
        guard let slash = program.lastIndex(of: "/") else { return nil }
        let folder = program[..<slash]
        guard let parent = folder.lastIndex(of: "/") else { return nil }
        return "\(folder[..<parent])/lib/postern/plugins"
    }

    /// The file of the plugin called `name`: `NAME.so`, or `libNAME.so` as a build leaves it.
    ///
    /// - Throws: ``PluginError`` with `notFound` and the nearest names.
    public func find(_ name: String) throws(PluginError) -> String {
        guard PluginHandshake.check(name: name) == nil else {
            throw PluginError(code: .notFound, message: "plugin name '\(name)' must match [a-z0-9-]{1,64}")
        }
        for folder in self.folders {
            for file in ["\(folder)/\(name).so", "\(folder)/lib\(name).so"] where PrivateFiles.exists(file) {
                return file
            }
        }
        let near = self.names.map { ($0, distance($0, name)) }.filter { $0.1 <= max(2, name.utf8.count / 3) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map { "'\($0.0)'" }
        let hint: String
        if !near.isEmpty {
            hint = "; did you mean \(near.joined(separator: " or "))?"
        } else if self.names.isEmpty {
            hint = ""
        } else {
            hint = "; there are \(self.names.map { "'\($0)'" }.joined(separator: ", "))"
        }
        throw PluginError(
            code: .notFound,
            message:
                "no plugin '\(name)' in \(self.folders.joined(separator: ", "))"
                + hint
        )
    }

    /// The names of all files that could be plugins, sorted.
    public var names: [String] {
        var found: Set<String> = []
        for folder in self.folders {
            for file in listFolder(folder) where file.hasSuffix(".so") {
                var name = file.dropLast(3)
                if name.hasPrefix("lib") { name = name.dropFirst(3) }
                if PluginHandshake.check(name: String(name)) == nil { found.insert(String(name)) }
            }
        }
        return found.sorted()
    }
}

/// Insertions, deletions and replacements that make `a` into `b` (Levenshtein).
private func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let change = diagonal + (x == y ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
