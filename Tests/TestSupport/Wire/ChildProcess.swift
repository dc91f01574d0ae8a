public import Foundation
internal import Primitives

/// A process that a test has started and ends itself, by its id.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Those not yet waited for. The end of this process ends them, too: what a static keeps is never let go.
    private static let running = Lock<Set<pid_t>>([])
    private static let endsThem: Void = {
        atexit { ChildProcess.running.withLock { for pid in $0 { kill(pid, SIGKILL) } } }
    }()

    public let pid: Int32
    private let ending = Lock<Ending?>(nil)

    /// - Parameters:
    ///   - output: A file that standard output and standard error go to.
    ///   - environment: Added to this process's own, or all there is when it does not inherit that.
    public init(
        _ program: String, _ arguments: [String], output: URL, environment: [String: String] = [:],
        inherits: Bool = true
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The threads of tests block signals; what a test starts is to be ended by one.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let inherited = inherits ? ProcessInfo.processInfo.environment : [:]
        let all = inherited.merging(environment) { $1 }
        var texts = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for text in texts + variables { free(text) }
            texts = []
            variables = []
        }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, program, &actions, &attributes, texts, variables)
        guard code == 0 else {
            throw WireError(.other, "cannot start \(program): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        Self.endsThem
        Self.running.withLock { _ = $0.insert(pid) }
    }

    public func send(signal: Int32) {
        if self.state == nil { kill(self.pid, signal) }
    }

    /// How it ended; nil while it runs.
    public var state: Ending? {
        self.ending.withLock { ending in
            if ending != nil { return ending }
            var status: Int32 = 0
            guard waitpid(self.pid, &status, WNOHANG) == self.pid else { return nil }
            Self.running.withLock { _ = $0.remove(self.pid) }
            ending = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
            return ending
        }
    }

    /// Asks it to end, and makes it end when it does not.
    ///
    /// - Returns: How it ended when asked; nil when it had to be killed.
    @discardableResult
    public func stop() -> Ending? {
        self.send(signal: SIGTERM)
        if eventually(within: 20, { self.state != nil }) { return self.state }
        self.send(signal: SIGKILL)
        eventually { self.state != nil }
        return nil
    }
}
