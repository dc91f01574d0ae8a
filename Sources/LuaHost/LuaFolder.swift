internal import Glibc

/// Reads scripts and folders of them; blocks, so not for a worker's thread.
public enum LuaFolder {
    /// The paths of the scripts in the folder `path`: every `*.lua` that is neither hidden nor a test
    /// (`*_test.lua`), in the order of their names.
    ///
    /// - Throws: ``LuaError`` when the folder cannot be read.
    public static func scripts(in path: String) throws(LuaError) -> [String] {
        guard let folder = opendir(path) else { throw LuaError(path: path, message: Self.reason()) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".lua"), !name.hasPrefix("."), !name.hasSuffix("_test.lua") {
                names.append(name)
            }
        }
        let base = path.hasSuffix("/") ? path : path + "/"
        return names.sorted().map { base + $0 }
    }

    /// Every `*.lua` in the folder `path` and below it that is not hidden, in the order of their paths.
    static func all(below path: String) throws(LuaError) -> [String] {
        guard let folder = opendir(path) else { throw LuaError(path: path, message: Self.reason()) }
        defer { closedir(folder) }
        var found: [String] = []
        let base = path.hasSuffix("/") ? path : path + "/"
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") { continue }
            if Self.isFolder(base + name) {
                found += try Self.all(below: base + name)
            } else if name.hasSuffix(".lua") {
                found.append(base + name)
            }
        }
        return found.sorted()
    }

    /// Whether `path` is a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The contents of the file `path`, a byte past the limit at most.
    static func contents(of path: String) throws(LuaError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LuaError(path: path, message: Self.reason()) }
        defer { _ = Glibc.close(descriptor) }
        var contents: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while contents.count <= LuaScript.sizeLimit {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw LuaError(path: path, message: Self.reason()) }
            if count == 0 { break }
            contents += part[..<count]
        }
        return contents
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
