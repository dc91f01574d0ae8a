internal import Glibc
internal import Reactor

/// Small files for other programs to read.
enum TextFile {
    /// Replaces the file at `path` in one step.
    ///
    /// - Throws: ``SocketError`` with the call that failed.
    static func write(_ text: String, to path: String) throws {
        let temporary = "\(path).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw SocketError(operation: "open \(temporary)", code: errno) }
        let written = Glibc.write(descriptor, text, text.utf8.count)
        let code = errno
        close(descriptor)
        if written != text.utf8.count { throw SocketError(operation: "write \(temporary)", code: code) }
        if rename(temporary, path) != 0 { throw SocketError(operation: "rename \(path)", code: errno) }
    }
}
