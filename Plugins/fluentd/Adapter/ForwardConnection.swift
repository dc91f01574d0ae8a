internal import PluginNet
internal import PosternSDK

/// The connection to a server: made and greeted when it is needed, and anew after an error.
struct ForwardConnection {
    private let destination: ForwardDestination
    private var connection: Connection?
    /// What has come and was not yet understood.
    private var input: [UInt8] = []

    init(_ destination: ForwardDestination) { self.destination = destination }

    /// Sends a message, and waits for its acknowledgement where one is asked for.
    ///
    /// - Throws: ``NetError``: the message was not taken, as far as one can tell.
    mutating func send(_ message: ForwardMessage) throws(NetError) {
        let deadline = Deadline(in: self.destination.timeout)
        if let kept = self.connection, !kept.isQuiet { self.connection = nil }
        do throws(NetError) {
            let connection: Connection
            if let kept = self.connection {
                connection = kept
            } else {
                self.input = []
                connection = try Connection(
                    to: self.destination.address, tls: self.destination.tls, until: deadline)
                if let key = self.destination.sharedKey { try self.greet(connection, key, deadline) }
            }
            self.connection = connection
            let chunk = self.destination.acknowledges ? ForwardMessage.newChunk() : nil
            try connection.write(message.bytes(chunk: chunk), until: deadline)
            guard let chunk else { return }
            let answer = try self.read(connection, deadline)
            guard answer["ack"]?.bytes == Array(chunk.utf8) else {
                throw NetError(.malformed, connection.address, "acknowledges another chunk")
            }
        } catch {
            self.connection = nil
            throw error
        }
    }

    /// HELO, PING and PONG: both sides prove that they have the key, and show none of it.
    private mutating func greet(
        _ connection: Connection, _ key: String, _ deadline: Deadline
    ) throws(NetError) {
        let address = connection.address
        guard case .array(let helo) = try self.read(connection, deadline), helo.count == 2,
            helo[0].bytes == Array("HELO".utf8), let nonce = helo[1]["nonce"]?.bytes
        else { throw NetError(.malformed, address, "does not greet: has it a shared key?") }
        let authSalt = helo[1]["auth"]?.bytes ?? []
        guard authSalt.isEmpty || !self.destination.username.isEmpty else {
            throw NetError(.malformed, address, "wants a user: set 'username' and 'password'")
        }
        let salt = Array(ForwardMessage.newChunk().utf8)
        let name = Array(self.destination.hostname.utf8)
        var ping: [UInt8] = []
        ping.pack(array: 6)
        ping.pack(text: "PING")
        ping.pack(text: name.span)
        ping.pack(text: salt.span)
        ping.pack(text: SHA512.hexadecimal(salt + name + nonce + Array(key.utf8)))
        ping.pack(text: authSalt.isEmpty ? "" : self.destination.username)
        ping.pack(
            text: authSalt.isEmpty
                ? ""
                : SHA512.hexadecimal(
                    authSalt + Array(self.destination.username.utf8) + Array(self.destination.password.utf8)))
        try connection.write(ping, until: deadline)
        guard case .array(let pong) = try self.read(connection, deadline), pong.count == 5,
            pong[0].bytes == Array("PONG".utf8), let server = pong[3].bytes
        else { throw NetError(.malformed, address, "answers a PING with no PONG") }
        guard pong[1] == .flag(true) else {
            let reason = String(decoding: pong[2].bytes ?? [], as: UTF8.self)
            throw NetError(.malformed, address, "refuses this client: \(reason)")
        }
        let proof = SHA512.hexadecimal(salt + server + nonce + Array(key.utf8))
        guard pong[4].bytes == Array(proof.utf8) else {
            throw NetError(.malformed, address, "has another shared key")
        }
    }

    private mutating func read(
        _ connection: Connection, _ deadline: Deadline
    ) throws(NetError) -> MessagePackValue {
        while true {
            do throws(MessagePackValue.Failure) {
                var position = 0
                let value = try MessagePackValue(self.input, at: &position)
                self.input.removeFirst(position)
                return value
            } catch {
                guard error == .incomplete, self.input.count < 65_536 else {
                    throw NetError(.malformed, connection.address, "sends what is no MessagePack")
                }
            }
            guard try connection.read(into: &self.input, until: deadline) > 0 else {
                throw NetError(.closed, connection.address, "closed the connection without an answer")
            }
        }
    }
}
