internal import Glibc

/// Tells whether a file is the one that was read: changes with every write and replacement.
struct FileStamp: Hashable {
    let path: String
    private let device, node, size, modified, changed: Int

    init(_ path: String) {
        var status = stat()
        self.path = path
        let isThere = stat(path, &status) == 0
        self.device = isThere ? Int(truncatingIfNeeded: status.st_dev) : -1
        self.node = isThere ? Int(truncatingIfNeeded: status.st_ino) : -1
        self.size = Int(status.st_size)
        self.modified = Self.nanoseconds(status.st_mtim)
        self.changed = Self.nanoseconds(status.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
}
