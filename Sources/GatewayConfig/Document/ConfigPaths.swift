internal import Glibc

/// Paths in a configuration, which are relative to its file.
public enum ConfigPaths {
    /// The folder of the file at `path`: `.` when it names none.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` itself when it is absolute or `directory` is empty, else `path` within `directory`.
    public static func resolve(_ path: String, in directory: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty || directory == "." { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return directory.hasSuffix("/") ? directory + relative : "\(directory)/\(relative)"
    }

    /// `path` from the root on, where it is relative to the process' working folder.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return self.resolve(path, in: String(cString: folder))
    }
}
