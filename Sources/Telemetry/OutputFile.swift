internal import Glibc
internal import Primitives

/// Where lines of the log go: standard output or standard error.
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

    private let descriptor: Int32
    /// Whether writes may block and must be offered in pieces; not for regular files.
    private let mayBlock: Bool
    /// A line was cut off by a failure, so the next begins with a line feed.
    private var endsInsideLine = false
    private var lastWritten: UInt8 = 0x0A
    let pending = ByteBuffer(capacity: 4096)

    /// What POSIX grants a pipe that polls as writable.
    private static let piece = 4096

    init(descriptor: Int32) {
        self.descriptor = descriptor
        self.mayBlock = Self.mayBlock(descriptor)
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

    private static func mayBlock(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
    }
}
