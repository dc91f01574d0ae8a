internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Publishes log entries to NATS: to a stream, which says what it has stored, or to whoever listens.
public struct Nats: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var address: String
        var subject: String?
        var jetStream: Bool?
        var name: String?
        var username: String?
        var password: String?
        var token: String?
        var tls: TLSConfig?
        var timeout: String?
        var lines: LineConfig

        private enum CodingKeys: String, CodingKey {
            case address, subject, jetStream, name, username, password, token, tls, timeout
        }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.address = try container.decode(String.self, forKey: .address)
            self.subject = try container.decodeIfPresent(String.self, forKey: .subject)
            self.jetStream = try container.decodeIfPresent(Bool.self, forKey: .jetStream)
            self.name = try container.decodeIfPresent(String.self, forKey: .name)
            self.username = try container.decodeIfPresent(String.self, forKey: .username)
            self.password = try container.decodeIfPresent(String.self, forKey: .password)
            self.token = try container.decodeIfPresent(String.self, forKey: .token)
            self.tls = try container.decodeIfPresent(TLSConfig.self, forKey: .tls)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }

    /// What is kept between reports.
    public struct State {
        var connection: NatsConnection?
        let lines: RecordLines
        let line = LineBuffer()
        /// By the shape's number.
        var subjects: [String?] = []
    }

    public static let name = "nats"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry]

    private let destination: NatsDestination
    private let format: LineFormat
    private let subject: String
    private let isStored: Bool
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.destination = try NatsDestination(config)
        self.format = try config.lines.lineFormat()
        self.subject = config.subject ?? "postern.{instance}"
        let example = self.subject.replacing("{instance}", with: "i")
        let tokens = example.split(separator: ".", omittingEmptySubsequences: false)
        guard
            tokens.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }),
            !example.contains(where: { "*>{}".contains($0) })
        else {
            throw ConfigProblem(
                "/subject",
                "must be tokens with dots between, with '{instance}' if you like, got '\(self.subject)'")
        }
        self.isStored = config.jetStream ?? true
        self.log = host.log
    }

    public func makeState() -> State { State(lines: RecordLines(self.format, log: self.log)) }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        guard batch.count > 0 else { return }
        let deadline = Deadline(in: self.destination.timeout)
        do throws(NetError) {
            let connection: NatsConnection
            if let kept = state.connection, kept.isAlive() {
                connection = kept
            } else {
                state.connection = nil
                connection = try NatsConnection(self.destination, until: deadline)
                state.connection = connection
            }
            try self.publish(batch, connection, &state, deadline)
        } catch {
            state.connection = nil
            throw error
        }
    }

    /// Servers ask now and then whether a client is there.
    public func tick(_ state: inout State) {
        if let connection = state.connection, !connection.isAlive() { state.connection = nil }
    }

    private func publish(
        _ batch: borrowing Batch, _ connection: NatsConnection, _ state: inout State, _ deadline: Deadline
    ) throws(NetError) {
        var waiting: Set<Int> = []
        connection.begin()
        for index in 0..<batch.count {
            let record = batch[index]
            state.line.truncate()
            state.lines.append(record, to: state.line)
            let payload = Array(state.line.bytes.dropLast())
            guard payload.count <= connection.maxPayload else {
                self.log(
                    .error, "a message of \(payload.count) bytes: the server takes \(connection.maxPayload)")
                batch.refuse(index)
                continue
            }
            connection.add(
                self.subject(record.shape, &state), payload, index: self.isStored ? index : nil)
            waiting.insert(index)
        }
        guard self.isStored else { return try connection.flush(until: deadline) }
        try connection.send(until: deadline)
        try self.takeVerdicts(batch, connection, waiting, deadline)
    }

    /// What a stream says of each message.
    private func takeVerdicts(
        _ batch: borrowing Batch, _ connection: NatsConnection, _ published: Set<Int>, _ deadline: Deadline
    ) throws(NetError) {
        var waiting = published
        var stored = batch.count - published.count
        var last: NetError?
        while !waiting.isEmpty {
            let verdict: StreamVerdict
            do throws(NetError) {
                verdict = try connection.nextVerdict(until: deadline)
            } catch {
                last = error
                break
            }
            guard waiting.remove(verdict.index) != nil else { continue }
            switch verdict.outcome {
            case .stored: stored += 1
            case .refused(let why):
                stored += 1
                batch.refuse(verdict.index)
                self.log(.error, "\(connection.address): refuses a message: \(why)")
            case .failed(let why):
                last = NetError(.malformed, connection.address, why)
                batch.giveAgain(verdict.index)
            }
        }
        for index in waiting { batch.giveAgain(index) }
        guard let last else { return }
        guard stored > 0 else { throw last }
        self.log(.warning, "not all messages were stored: \(last)")
    }

    private func subject(_ shape: Shape, _ state: inout State) -> String {
        let number = shape.number
        if number < state.subjects.count, let known = state.subjects[number] { return known }
        let token = String(
            decoding: shape.name.utf8.map {
                $0 > 0x20 && $0 < 0x7F && $0 != 0x2E && $0 != 0x2A && $0 != 0x3E ? $0 : 0x5F
            }, as: UTF8.self)
        let subject = self.subject.replacing("{instance}", with: token)
        while state.subjects.count <= number { state.subjects.append(nil) }
        state.subjects[number] = subject
        return subject
    }
}
