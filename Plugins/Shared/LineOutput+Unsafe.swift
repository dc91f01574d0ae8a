internal import Glibc

/// Writes whole lines to a file, a pipe or a terminal: a line of which only a part could be written is taken
/// back, or completed before anything else.
public final class LineOutput {
    // SAFETY: the descriptor is valid as long as this lives: it is closed in deinit, or never.
    private let descriptor: Int32
    private let isOwner: Bool
    /// Files take everything at once; others are waited for.
    private let isRegular: Bool
    /// The end of a line whose beginning was written.
    private var rest: [UInt8] = []

    /// What became of a write.
    public struct Outcome: Sendable {
        /// Bytes that need not come again; whole lines.
        public let taken: Int
        /// Why not all were taken; nil when they were.
        public let problem: String?
    }

    /// An open descriptor of somebody else's.
    public convenience init(borrowing descriptor: Int32) { self.init(descriptor, isOwner: false) }

    /// Opens a file to append to, and makes it when there is none. A line that stands broken at its end is
    /// ended first.
    ///
    /// - Parameter mode: Permissions of a new one.
    /// - Returns: nil, with `errno` set, when it cannot be opened.
    public convenience init?(appendingTo path: String, mode: UInt32) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode_t(mode))
        guard descriptor >= 0 else { return nil }
        self.init(descriptor, isOwner: true)
        guard self.isRegular else { return }
        let reader = open(path, O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return }
        defer { close(reader) }
        var last: UInt8 = 0x0A
        if pread(reader, &last, 1, off_t(self.facts.size - 1)) == 1, last != 0x0A { self.rest = [0x0A] }
    }

    private init(_ descriptor: Int32, isOwner: Bool) {
        self.descriptor = descriptor
        self.isOwner = isOwner
        var facts = stat()
        self.isRegular = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }

    deinit { if self.isOwner { close(self.descriptor) } }

    /// Which file it is, and its size.
    public var facts: (device: UInt64, inode: UInt64, size: Int) {
        var facts = stat()
        guard fstat(self.descriptor, &facts) == 0 else { return (0, 0, 0) }
        return (UInt64(facts.st_dev), UInt64(facts.st_ino), Int(facts.st_size))
    }

    /// Writes what is in the buffer, all of it lines; to a pipe no longer than `timeout`.
    public func write(_ buffer: LineBuffer, timeout: Duration) -> Outcome {
        if !self.isRegular { Self.blockBrokenPipeSignals() }
        let end = ContinuousClock.now + timeout
        let unfinished = self.rest
        let completed = unfinished.withUnsafeBytes { self.write($0, until: end) }
        self.rest = Array(unfinished[completed.count...])
        guard self.rest.isEmpty else { return Outcome(taken: 0, problem: completed.problem) }
        return buffer.withBytes { bytes in
            let before = self.isRegular ? self.facts.size : 0
            let written = self.write(bytes, until: end)
            guard written.count < bytes.count else { return Outcome(taken: bytes.count, problem: nil) }
            let whole = (bytes[..<written.count].lastIndex(of: 0x0A) ?? -1) + 1
            if whole == written.count || self.takeBack(written.count - whole, from: before + written.count) {
                return Outcome(taken: whole, problem: written.problem)
            }
            let line = bytes[written.count...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            self.rest = Array(bytes[written.count..<line])
            return Outcome(taken: line, problem: written.problem)
        }
    }

    /// Makes a file shorter, if nobody else has written to it.
    private func takeBack(_ count: Int, from size: Int) -> Bool {
        self.isRegular && self.facts.size == size && ftruncate(self.descriptor, off_t(size - count)) == 0
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, until end: ContinuousClock.Instant
    ) -> (count: Int, problem: String?) {
        var done = 0
        while done < bytes.count {
            if !self.isRegular, !self.isReady(until: end) { return (done, "its reader takes nothing") }
            let part = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = Glibc.write(
                self.descriptor, part.baseAddress, self.isRegular ? part.count : Self.share(of: part))
            if count > 0 {
                done += count
            } else if count == 0 {
                return (done, "nothing was written")
            } else if errno != EINTR, errno != EAGAIN {
                return (done, String(cString: strerror(errno)))
            }
        }
        return (done, nil)
    }

    /// As much as a pipe that is ready takes without waiting and in one piece (PIPE_BUF): whole lines, if one
    /// is that short.
    private static func share(of bytes: UnsafeRawBufferPointer) -> Int {
        if bytes.count <= 4096 { return bytes.count }
        return bytes[..<4096].lastIndex(of: 0x0A).map { $0 + 1 } ?? 4096
    }

    private func isReady(until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = max(end - ContinuousClock.now, .zero)
            let milliseconds =
                left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            var polled = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&polled, 1, Int32(clamping: milliseconds)) > 0 { return true }
            if left == .zero { return false }
        }
    }

    /// A pipe without a reader is an error and no reason to die: reports have a thread of their own.
    private static func blockBrokenPipeSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
