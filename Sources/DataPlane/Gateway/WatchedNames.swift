internal import Glibc

/// What must be watched to learn that what stands at some paths is another: for each folder, the names in it.
///
/// A path leads to its file through symbolic links: a deployment may replace the file, or any link on the way
/// (Kubernetes replaces `..data`; a release is often a link called `current`). What does not exist yet is
/// waited for in the deepest folder that does.
struct WatchedNames {
    /// The most links followed on the way to one file, as the kernel's own limit.
    private static let linkLimit = 40

    private(set) var names: [String: Set<String>] = [:]
    /// Folders in which every name counts.
    private(set) var whole: Set<String> = []

    var folders: Set<String> { self.whole.union(self.names.keys) }

    /// - Parameter paths: Files, or folders of which everything in them counts.
    init(_ paths: Set<String>) {
        for path in paths { self.add(path) }
    }

    private mutating func add(_ path: String) {
        var folder = path.hasPrefix("/") ? "/" : "."
        var rest = Self.parts(of: path)
        var links = 0
        while !rest.isEmpty {
            let name = rest.removeFirst()
            let full = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            var status = stat()
            let isThere = lstat(full, &status) == 0
            let kind = isThere ? status.st_mode & S_IFMT : 0
            if kind == S_IFLNK, links < Self.linkLimit, let target = Self.target(of: full) {
                self.names[folder, default: []].insert(name)
                links += 1
                if target.hasPrefix("/") { folder = "/" }
                rest = Self.parts(of: target) + rest
            } else if kind == S_IFDIR, !rest.isEmpty {
                folder = full
            } else {
                if name != ".." { self.names[folder, default: []].insert(name) }
                if kind == S_IFDIR { self.whole.insert(full) }
                return
            }
        }
        self.whole.insert(folder)
    }

    private static func parts(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(link, &buffer, buffer.count)
        guard length > 0 else { return nil }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
