internal import Glibc
internal import Primitives

/// An open file of a spool.
final class SpoolFile: Sendable {
    private let descriptor: Int32
    private let path: String

    init(_ path: String, _ flags: Int32) throws(SpoolFolder.Failure) {
        self.path = path
        self.descriptor = open(path, flags | O_CLOEXEC, 0o640)
        guard self.descriptor >= 0 else {
            throw SpoolFolder.Failure(what: "open '\(path)'", errno: Glibc.errno)
        }
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    /// Writes all, or, as far as it can be undone, nothing.
    func write(_ bytes: ByteView, at offset: Int) throws(SpoolFolder.Failure) {
        var done = 0
        while done < bytes.count {
            // SAFETY: `base + done` addresses the bytes that are left.
            let count = pwrite(self.descriptor, bytes.base + done, bytes.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if Glibc.errno != EINTR {
                let code = count == 0 ? ENOSPC : Glibc.errno
                _ = ftruncate(self.descriptor, off_t(offset))
                throw SpoolFolder.Failure(what: "write '\(self.path)'", errno: code)
            }
        }
    }

    /// Appends up to `most` bytes from `offset` on to `buffer`.
    ///
    /// - Returns: How many; 0 at the end of the file.
    func read(into buffer: ByteBuffer, at offset: Int, most: Int) throws(SpoolFolder.Failure) -> Int {
        buffer.reserve(most)
        while true {
            // SAFETY: `reserve` made room for `most` bytes behind the write position.
            let count = pread(self.descriptor, buffer.base + buffer.writeIndex, most, off_t(offset))
            if count >= 0 {
                buffer.writeIndex += count
                return count
            }
            guard Glibc.errno == EINTR else {
                throw SpoolFolder.Failure(what: "read '\(self.path)'", errno: Glibc.errno)
            }
        }
    }
}
