internal import PluginSupport
public import PosternSDK

/// Writes log entries and metrics as lines to the standard output or the standard error.
public struct Stdio: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var stream: String?
        var timeout: String?
        var lines: LineConfig

        private enum CodingKeys: String, CodingKey { case stream, timeout }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.stream = try container.decodeIfPresent(String.self, forKey: .stream)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }

    /// What is kept between reports.
    public struct State {
        var batch: LineBatch
        let output: LineOutput
    }

    public static let name = "stdio"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry, .metric]

    private let format: LineFormat
    private let timeout: Duration
    private let descriptor: Int32
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.format = try config.lines.lineFormat()
        self.timeout = try Duration(timeout: config.timeout)
        self.descriptor = config.stream == "stderr" ? 2 : 1
        self.log = host.log
    }

    public func makeState() -> State {
        State(
            batch: LineBatch(self.format, log: self.log), output: LineOutput(borrowing: self.descriptor))
    }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        guard state.batch.make(batch) > 0 else { return }
        try state.batch.write(batch, to: state.output, timeout: self.timeout, log: self.log)
    }
}
