internal import Glibc

/// What the disk says of a regular file.
public struct FileFacts: Sendable, Hashable {
    /// In bytes.
    public let size: Int
    /// When it was last written to, in seconds since 1970.
    public let modified: Int64

    /// Nil when there is no regular file.
    public init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.size = Int(status.st_size)
        self.modified = Int64(status.st_mtim.tv_sec)
    }
}
