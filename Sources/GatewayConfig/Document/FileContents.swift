internal import Glibc

/// Reads small files whole.
public enum FileContents {
    /// Why a file cannot be read.
    public struct Failure: Error {
        public var reason: String

        init(_ path: String, _ reason: String) { self.reason = "\(path): \(reason)" }
    }

    /// The bytes of the file at `path`.
    ///
    /// Blocks. Refuses folders and what is larger than `limit` bytes.
    public static func read(_ path: String, limit: Int) -> Result<[UInt8], Failure> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Failure(path, Self.reason(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(Failure(path, Self.reason(errno))) }
        if status.st_mode & S_IFMT == S_IFDIR { return .failure(Failure(path, "is a folder")) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count == 0 { return .success(bytes) }
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(Failure(path, Self.reason(errno)))
            }
            bytes += part[..<count]
            if bytes.count > limit { return .failure(Failure(path, "is larger than \(limit) bytes")) }
        }
    }

    /// What the system calls an error.
    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
