internal import PluginNet

/// A connection to Redis on which one command goes after the other.
struct RedisConnection {
    private let connection: Connection

    /// Connects, logs in and chooses the database.
    ///
    /// - Throws: ``NetError``, or ``RedisProblem`` when Redis refuses that.
    init(
        _ address: BackendAddress, login: (user: String?, password: String)?, database: Int, tls: TLSClient?,
        until deadline: Deadline
    ) throws {
        self.connection = try Connection(to: address, tls: tls, until: deadline)
        if let login {
            let user = login.user.map { [Array($0.utf8)] } ?? []
            try self.demand(["AUTH".bytes] + user + [login.password.bytes], until: deadline)
        }
        if database != 0 { try self.demand(["SELECT".bytes, "\(database)".bytes], until: deadline) }
    }

    /// Whether it is open, and nothing came that nobody asked for.
    var isQuiet: Bool { self.connection.isQuiet }

    private func demand(_ command: [[UInt8]], until deadline: Deadline) throws {
        if case .error(let message) = try self.ask(command, until: deadline) {
            throw RedisProblem(message: message)
        }
    }

    /// - Throws: ``NetError`` or ``RedisProblem``: then the connection is good for nothing else.
    func ask(_ command: [[UInt8]], until deadline: Deadline) throws -> RedisReply {
        var request = Array("*\(command.count)\r\n".utf8)
        for word in command {
            request.append(contentsOf: "$\(word.count)\r\n".utf8)
            request += word
            request += [0x0D, 0x0A]
        }
        try self.connection.write(request, until: deadline)
        var input: [UInt8] = []
        while true {
            if let (reply, _) = try RedisReply.parse(input) { return reply }
            guard try self.connection.read(into: &input, until: deadline) > 0 else {
                throw NetError(.closed, self.connection.address, "closed before it answered")
            }
        }
    }
}

extension String {
    var bytes: [UInt8] { Array(self.utf8) }
}
