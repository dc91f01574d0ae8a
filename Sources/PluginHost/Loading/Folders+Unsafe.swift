internal import Glibc

/// The names in a folder; none when it cannot be read.
func listFolder(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        // SAFETY: `d_name` is NUL-terminated and lives until the next readdir.
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// Where a symbolic link leads; empty when it cannot be read.
func readLink(_ path: String) -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
        // SAFETY: `readlink` writes at most the size given and says how much.
        count = buffer.withMemoryRebound(to: CChar.self) { text in
            text.baseAddress.map { max(readlink(path, $0, 4096), 0) } ?? 0
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
