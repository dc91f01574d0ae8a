internal import PluginSupport
public import PosternSDK

/// Produces log entries to a topic of Kafka.
public struct Kafka: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var brokers: [String]
        var topic: String?
        var key: String?
        var acknowledgements: String?
        var compression: String?
        var properties: [String: String]?
        var timeout: String?
        var lines: LineConfig

        private enum CodingKeys: String, CodingKey {
            case brokers, topic, key, acknowledgements, compression, properties, timeout
        }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.brokers = try container.decode([String].self, forKey: .brokers)
            self.topic = try container.decodeIfPresent(String.self, forKey: .topic)
            self.key = try container.decodeIfPresent(String.self, forKey: .key)
            self.acknowledgements = try container.decodeIfPresent(String.self, forKey: .acknowledgements)
            self.compression = try container.decodeIfPresent(String.self, forKey: .compression)
            self.properties = try container.decodeIfPresent([String: String].self, forKey: .properties)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }

    /// What is kept between reports.
    public struct State {
        var producer: Producer?
        let lines: RecordLines
        let line = LineBuffer()
        /// By the shape's number.
        var plans: [TopicPlan?] = []
    }

    /// What does not change for the records of a shape.
    struct TopicPlan {
        let topic: String
        let key: Int?
        let timestamp: Int?
    }

    public static let name = "kafka"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry]

    private let settings: ProducerSettings
    private let format: LineFormat
    private let topic: String
    private let key: String?
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.settings = try ProducerSettings(config)
        self.format = try config.lines.lineFormat()
        self.topic = config.topic ?? "postern.{instance}"
        guard Self.isTopic(self.topic.replacing("{instance}", with: "i")) else {
            throw ConfigProblem(
                "/topic",
                "must be up to 249 letters, digits, . _ -, and '{instance}', got '\(self.topic)'"
            )
        }
        self.key = config.key
        self.log = host.log
    }

    public func makeState() -> State { State(lines: RecordLines(self.format, log: self.log)) }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        guard batch.count > 0 else { return }
        let producer = try state.producer ?? Producer(self.settings)
        state.producer = producer
        try producer.begin(batch.count)
        for index in 0..<batch.count {
            let record = batch[index]
            let plan = self.plan(record.shape, &state)
            state.line.truncate()
            state.lines.append(record, to: state.line)
            var key: [UInt8]?
            if let column = plan.key {
                if case .absent = record[column] {
                    key = nil
                } else {
                    var bytes: [UInt8] = []
                    record[column].append(to: &bytes)
                    key = bytes
                }
            }
            var moment = record.time
            if let column = plan.timestamp, case .timestamp(let own) = record[column] { moment = own }
            producer.add(
                index, topic: plan.topic, key: key, payload: Array(state.line.bytes.dropLast()),
                milliseconds: moment.nanoseconds / 1_000_000)
        }
        let problem = producer.finish()
        var taken = 0
        for index in 0..<batch.count {
            switch producer.outcome(index) {
            case .delivered: taken += 1
            case .refused:
                taken += 1
                batch.refuse(index)
            case .again: batch.giveAgain(index)
            }
        }
        guard let problem else { return }
        if taken == 0 { throw WriteFailure(description: problem) }
        self.log(.warning, "not all messages were taken: \(problem)")
    }

    private func plan(_ shape: Shape, _ state: inout State) -> TopicPlan {
        let number = shape.number
        if number < state.plans.count, let known = state.plans[number] { return known }
        let name = String(shape.name.map { Self.isTopic(String($0)) ? $0 : "_" })
        let topic = String(self.topic.replacing("{instance}", with: name).prefix(249))
        let plan = TopicPlan(
            topic: topic, key: self.key.flatMap { shape.column($0) }, timestamp: shape.column("timestamp"))
        while state.plans.count <= number { state.plans.append(nil) }
        state.plans[number] = plan
        return plan
    }

    private static func isTopic(_ text: String) -> Bool {
        (1...249).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39)
                    || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
            }
    }
}
