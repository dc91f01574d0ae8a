internal import PluginNet
internal import PluginSupport

/// Connections to one Redis for several threads; each command has one to itself.
final class RedisPool: Sendable {
    /// A connection that one thread has at a time.
    private final class Entry: @unchecked Sendable {
        // SAFETY: who has taken it out of `idle` is the only one that touches it, until it is given back.
        let connection: RedisConnection
        init(_ connection: RedisConnection) { self.connection = connection }
    }

    private let idle = Lock<[Entry]>([])
    private let address: BackendAddress
    private let login: (user: String?, password: String)?
    private let database: Int
    private let tls: TLSClient?
    private let timeout: Duration

    init(
        _ address: BackendAddress, login: (user: String?, password: String)?, database: Int, tls: TLSClient?,
        timeout: Duration
    ) {
        self.address = address
        self.login = login
        self.database = database
        self.tls = tls
        self.timeout = timeout
    }

    /// Runs a script, within the time left and the pool's own timeout; Redis keeps the script and is told its
    /// hash only, until it has forgotten it.
    ///
    /// - Throws: ``NetError``, or ``RedisProblem`` with what Redis says.
    func run(
        _ script: QuotaScript, keys: [[UInt8]], arguments: [Int], within timeLeft: Duration?
    ) throws -> RedisReply {
        let deadline = Deadline(in: min(self.timeout, timeLeft ?? self.timeout))
        let entry = try self.taken(until: deadline)
        let rest = ["\(keys.count)".bytes] + keys + arguments.map { "\($0)".bytes }
        var reply = try entry.connection.ask(["EVALSHA".bytes, script.hash] + rest, until: deadline)
        if case .error(let message) = reply, message.hasPrefix("NOSCRIPT") {
            reply = try entry.connection.ask(["EVAL".bytes, script.text] + rest, until: deadline)
        }
        if case .error(let message) = reply {
            // A replica, or one that is still loading: another connection may lead to a better one.
            throw RedisProblem(message: message)
        }
        self.idle.withLock { $0.append(entry) }
        return reply
    }

    private func taken(until deadline: Deadline) throws -> Entry {
        while let entry = self.idle.withLock({ $0.popLast() }) {
            if entry.connection.isQuiet { return entry }
        }
        return Entry(
            try RedisConnection(
                self.address, login: self.login, database: self.database, tls: self.tls, until: deadline))
    }
}
