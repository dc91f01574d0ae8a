internal import Glibc
internal import Primitives

/// Where lines go: standard output, standard error, or a file that is appended to.
///
/// Lines are gathered and written in batches by one thread. A pipe or terminal whose reader is slow makes it
/// wait for a bounded time only; what cannot be written stays gathered.
struct OutputFile: ~Copyable {
    /// What became of a batch.
    enum Outcome: Equatable {
        case written
        /// The reader is slow; the rest is kept for the next attempt.
        case blocked
        /// The gathered lines are lost.
        case failed(errno: Int32)
    }

    private var descriptor: Int32
    /// Absent for standard streams, which are neither opened nor closed.
    private let path: String?
    /// Whether writes may block and must be offered in pieces; not for regular files.
    private var mayBlock: Bool
    /// A line was cut off by a failure, so the next begins with a line feed.
    private var endsInsideLine = false
    private var lastWritten: UInt8 = 0x0A
    let pending = ByteBuffer(capacity: 4096)

    /// What POSIX grants a pipe that polls as writable.
    private static let piece = 4096

    init(descriptor: Int32) {
        self.descriptor = descriptor
        self.path = nil
        self.mayBlock = Self.mayBlock(descriptor)
    }

    /// - Throws: ``OutputError`` when the file cannot be opened.
    init(path: String) throws(OutputError) {
        self.path = path
        self.descriptor = try Self.open(path)
        self.mayBlock = Self.mayBlock(self.descriptor)
    }

    deinit { if self.path != nil { close(self.descriptor) } }

    /// Opens the path again after the file was moved away (logrotate). Standard streams stay as they are;
    /// when it cannot be opened the old file stays in use.
    mutating func reopen() throws(OutputError) {
        guard let path = self.path else { return }
        let fresh = try Self.open(path)
        close(self.descriptor)
        self.descriptor = fresh
        self.mayBlock = Self.mayBlock(fresh)
        self.endsInsideLine = false
        self.lastWritten = 0x0A
    }

    /// Writes what was gathered.
    ///
    /// - Parameter patience: How long to wait for a slow reader in all, in milliseconds.
    mutating func flush(patience: Int32) -> Outcome {
        var patience = patience
        while !self.pending.isEmpty {
            if self.endsInsideLine {
                guard write(self.descriptor, "\n", 1) == 1 else { return self.lose() }
                self.endsInsideLine = false
                self.lastWritten = 0x0A
            }
            if self.mayBlock {
                var poll = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                let slice = min(patience, 50)
                let ready = Glibc.poll(&poll, 1, slice)
                if ready == 0 {
                    patience -= max(slice, 1)
                    if patience <= 0 { return .blocked }
                    continue
                }
            }
            let size = self.mayBlock ? min(self.pending.count, Self.piece) : self.pending.count
            let written = write(self.descriptor, self.pending.view.base, size)
            if written > 0 {
                self.lastWritten = self.pending.view[written - 1]
                self.pending.consume(written)
            } else if errno == EAGAIN {
                patience -= 1
                if patience <= 0 { return .blocked }
            } else if errno != EINTR {
                return self.lose()
            }
        }
        return .written
    }

    private mutating func lose() -> Outcome {
        let code = errno
        self.pending.reset()
        self.endsInsideLine = self.lastWritten != 0x0A
        return .failed(errno: code)
    }

    private static func open(_ path: String) throws(OutputError) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw OutputError(path: path, errno: errno) }
        return descriptor
    }

    private static func mayBlock(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
    }
}

/// Why a log's file could not be opened.
public struct OutputError: Error, Sendable, CustomStringConvertible {
    public let path: String
    public let errno: Int32

    public var description: String { "cannot open '\(self.path)': \(String(cString: strerror(self.errno)))" }
}
