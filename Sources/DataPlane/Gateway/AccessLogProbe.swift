internal import GatewayConfig
internal import Glibc

/// Tries whether the access log's file can be written to: a mistake in its path is told at once, as all
/// others are, and not when the first line is lost.
enum AccessLogProbe {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the file when there is none.
    ///
    /// - Throws: ``Failure``
    static func run(_ log: AccessLogConfiguration) throws(Failure) {
        guard log.format != .off, case .file(let path) = log.destination else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o640)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != ENXIO {  // A pipe whose reader is still to come.
            throw Failure(description: "cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
    }
}
