internal import Glibc
internal import Primitives

/// A child of this very program with a socket to talk over; killed when it is let go.
struct ChildProcess: ~Copyable {
    /// Our end; the child's is its standard input.
    let socket: Int32
    /// What the child writes to standard error.
    let errors: Int32
    private let pid: pid_t
    private var isReaped = false

    /// - Parameter program: The file to run; `/proc/self/exe` is this program.
    init(program: String, arguments: [String]) throws(SystemError) {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0
        else {
            throw SystemError("no socket pair can be made")
        }
        var pipes: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pipes) == 0 else {
            let failure = SystemError("no socket pair can be made")
            sockets.forEach { close($0) }
            throw failure
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        var signals = sigset_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
            close(sockets[1])
            close(pipes[1])
        }
        posix_spawn_file_actions_adddup2(&actions, sockets[1], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 2)
        // The gateway's threads block signals; a blocked SIGSEGV would make a crash look like a hang.
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let status = Self.withStrings([program] + arguments) { argv in
            // A trap's text is enough; symbolising it takes seconds.
            Self.withStrings(Self.environment + ["SWIFT_BACKTRACE=enable=no"]) { environment in
                guard let argv, let environment else { return ENOMEM }
                return posix_spawn(&pid, program, &actions, &attributes, argv, environment)
            }
        }
        guard status == 0 else {
            close(sockets[0])
            close(pipes[0])
            throw SystemError("\(program) cannot be started", status)
        }
        self.socket = sockets[0]
        self.errors = pipes[0]
        self.pid = pid
    }

    deinit {
        close(self.socket)
        close(self.errors)
        guard !self.isReaped else { return }
        kill(self.pid, SIGKILL)
        waitpid(self.pid, nil, 0)
    }

    /// Sends all of `bytes`; nothing happens when the child is gone.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            // SAFETY: `sent < count`, so the pointer stays within the array.
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    self.socket, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Which of `socket` and `errors` has something, or is at its end.
    ///
    /// - Returns: nil when neither has before the deadline.
    func wait(until deadline: MonotonicTime, errorsOpen: Bool) -> (socket: Bool, errors: Bool)? {
        var polled = [
            pollfd(fd: self.socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorsOpen ? self.errors : -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = deadline.since(MonotonicTime.now()) / 1_000_000
            guard left > 0 else { return nil }
            let count = poll(&polled, 2, Int32(clamping: left))
            if count > 0 { return (polled[0].revents != 0, polled[1].revents != 0) }
            if count == 0 { return nil }
            if errno != EINTR { return nil }
        }
    }

    /// How a child that closed its socket ended; kills it when it does not within the deadline.
    mutating func ending(until deadline: MonotonicTime) -> String? {
        var status: Int32 = 0
        while true {
            let result = waitpid(self.pid, &status, WNOHANG)
            if result == self.pid {
                self.isReaped = true
                break
            }
            if result < 0, errno != EINTR {
                // Somebody reaps children for us (SIGCHLD ignored): it is gone, and nothing more is known.
                self.isReaped = errno == ECHILD
                return self.isReaped ? "ended" : nil
            }
            if deadline <= MonotonicTime.now() { return nil }
            usleep(1000)
        }
        let signal = status & 0x7F
        if signal == 0 { return "exited with status \(status >> 8 & 0xFF)" }
        let text = strsignal(signal).map { String(cString: $0) } ?? "unknown"
        return "was killed by signal \(signal) (\(text))"
    }

    private static var environment: [String] {
        var list: [String] = []
        var next = environ
        while let entry = next.pointee {
            list.append(String(cString: entry))
            next += 1
        }
        return list.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
    }

    /// Lends texts as a NULL-terminated array of C strings.
    private static func withStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        // SAFETY: posix_spawn reads the strings and keeps none.
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
}
