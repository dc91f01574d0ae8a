internal import PluginNet
internal import PosternSDK

/// A connection to a server, in the text protocol of NATS clients.
final class NatsConnection {
    private let connection: Connection
    private var input = NatsInput()
    private var output: [UInt8] = []
    /// Where verdicts of streams go to.
    private let inbox: String
    private var hasSubscribed = false
    /// The first message's number in the batch, and the next one's: verdicts may come too late.
    private var first = 0
    private var following = 0
    /// Bytes of the largest message.
    private(set) var maxPayload = 1 << 20

    var address: BackendAddress { self.connection.address }

    /// Connects and greets.
    init(_ destination: NatsDestination, until deadline: Deadline) throws(NetError) {
        self.connection = try Connection(to: destination.address, until: deadline)
        self.inbox = "_INBOX.\((0..<22).map { _ in String(Int.random(in: 0..<36), radix: 36) }.joined())"
        guard case .info(let json) = try self.next(until: deadline),
            let info = try? JSONValue(parsing: json)
        else { throw NetError(.malformed, self.address, "is no NATS server: it does not begin with INFO") }
        if let limit = info["max_payload"]?.number, limit >= 1, limit < 1e9 { self.maxPayload = Int(limit) }
        if let tls = destination.tls {
            try self.connection.secure(tls, until: deadline)
        } else if info["tls_required"] == .bool(true) {
            throw NetError(.tls, self.address, "wants TLS: set 'tls'")
        }
        try self.connection.write(destination.greeting, until: deadline)
        try self.flush(until: deadline)
    }

    /// Whether it can be used: takes in what has come, and answers.
    func isAlive() -> Bool {
        do {
            guard try self.connection.readAvailable(into: &self.input.bytes) else { return false }
            while let event = try self.input.next() {
                switch event {
                case .ping: try self.pong()
                case .failure: return false
                default: continue
                }
            }
            return true
        } catch { return false }
    }

    /// Begins a batch.
    func begin() {
        self.output.removeAll(keepingCapacity: true)
        self.first = self.following
        guard !self.hasSubscribed else { return }
        self.output += Array("SUB \(self.inbox).* 1\r\n".utf8)
        self.hasSubscribed = true
    }

    /// Adds a message to the batch.
    ///
    /// - Parameter index: What the stream's verdict comes with; nil: none is asked for.
    func add(_ subject: String, _ payload: [UInt8], index: Int?) {
        let reply = index.map { " \(self.inbox).\(self.first + $0)" } ?? ""
        if let index { self.following = self.first + index + 1 }
        self.output += Array("PUB \(subject)\(reply) \(payload.count)\r\n".utf8)
        self.output += payload
        self.output += [0x0D, 0x0A]
    }

    /// Sends the batch.
    func send(until deadline: Deadline) throws(NetError) {
        try self.connection.write(self.output, until: deadline)
        self.output.removeAll(keepingCapacity: true)
    }

    /// Sends what is there, and waits until the server has read it.
    func flush(until deadline: Deadline) throws(NetError) {
        self.output += Array("PING\r\n".utf8)
        try self.send(until: deadline)
        while true {
            if case .pong = try self.next(until: deadline) { return }
        }
    }

    /// The next verdict of a stream.
    func nextVerdict(until deadline: Deadline) throws(NetError) -> StreamVerdict {
        while true {
            guard case .message(let subject, let header, let payload) = try self.next(until: deadline) else {
                continue
            }
            guard subject.hasPrefix("\(self.inbox)."),
                let number = Int(subject.dropFirst(self.inbox.count + 1)),
                number >= self.first
            else { continue }
            return StreamVerdict(index: number - self.first, header: header, payload: payload)
        }
    }

    /// What the server says next; it is answered where it asks.
    private func next(until deadline: Deadline) throws(NetError) -> NatsEvent {
        while true {
            do {
                while let event = try self.input.next() {
                    switch event {
                    case .ping: try self.pong()
                    case .failure(let why): throw NetError(.malformed, self.address, "says \(why)")
                    default: return event
                    }
                }
            } catch let error as NetError {
                throw error
            } catch { throw NetError(.malformed, self.address, "sends what is not of NATS") }
            guard try self.connection.read(into: &self.input.bytes, until: deadline) > 0 else {
                throw NetError(.closed, self.address, "closed the connection")
            }
        }
    }

    private func pong() throws(NetError) {
        try self.connection.write(Array("PONG\r\n".utf8), until: Deadline(in: .seconds(1)))
    }
}
