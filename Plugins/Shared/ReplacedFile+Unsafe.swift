internal import Glibc

/// Writes a file beside `path` and puts it in its place, so that who reads sees the old one or the new one.
///
/// - Throws: ``WatchedFile/Problem``
public func replaceFile(_ path: String, with content: [UInt8]) throws(WatchedFile.Problem) {
    let fresh = path + ".new"
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    var isWritten = descriptor >= 0
    var sent = 0
    while isWritten, sent < content.count {
        // SAFETY: no more is written than there is.
        let count = content.withUnsafeBytes {
            write(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent)
        }
        if count > 0 { sent += count } else if errno != EINTR { isWritten = false }
    }
    let code = errno
    if descriptor >= 0 { close(descriptor) }
    guard isWritten else {
        if descriptor >= 0 { unlink(fresh) }
        throw WatchedFile.Problem(
            description: "\(fresh) cannot be written: \(String(cString: strerror(code)))")
    }
    guard rename(fresh, path) == 0 else {
        throw WatchedFile.Problem(
            description: "\(path) cannot be replaced: \(String(cString: strerror(errno)))")
    }
}
