internal import Glibc

/// A file whose content is wanted whenever it has changed. Blocks as long as the disk does.
public struct WatchedFile: Sendable {
    /// What says that a file is another one, or was written to.
    private struct Identity: Hashable {
        let device: UInt, inode: UInt, size: Int, seconds: Int, nanoseconds: Int
    }

    /// Why a file was not read.
    public struct Problem: Error, CustomStringConvertible {
        /// What, and why.
        public let description: String
    }

    /// Where it is.
    public let path: String
    /// The most bytes that are read; a longer file is a problem.
    public let limit: Int
    private var read: Identity?

    /// Touches nothing yet.
    public init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

    /// The content, if it is another file than at the last successful call, or was changed; nil when not.
    ///
    /// - Throws: ``Problem``; the next call tries again.
    public mutating func contentIfChanged() throws(Problem) -> [UInt8]? {
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.problem("cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw self.problem("cannot be read") }
        let identity = Identity(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
        if identity == self.read { return nil }
        guard identity.size <= self.limit else {
            throw Problem(
                description: "\(self.path) has \(identity.size) bytes, at most \(self.limit) are allowed")
        }
        var content: [UInt8] = []
        while true {
            var got = 0
            // SAFETY: `read` is given the room that there is.
            let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, used in
                got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                used = max(got, 0)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw self.problem("cannot be read") }
            if got == 0 { break }
            content += piece
            if content.count > self.limit {
                throw Problem(description: "\(self.path) has more than the \(self.limit) bytes allowed")
            }
        }
        self.read = identity
        return content
    }

    /// The next call reads the file, though it may not have changed.
    public mutating func forget() { self.read = nil }

    private func problem(_ what: String) -> Problem {
        Problem(description: "\(self.path) \(what): \(String(cString: strerror(errno)))")
    }
}
