internal import PluginSupport
public import PosternSDK

/// Appends log entries and metrics as lines to a file, and rotates it.
public struct File: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var path: String
        var rotateSize: ByteCount?
        var rotateEvery: String?
        var keep: Int?
        var mode: String?
        var timeout: String?
        var lines: LineConfig

        private enum CodingKeys: String, CodingKey { case path, rotateSize, rotateEvery, keep, mode, timeout }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.path = try container.decode(String.self, forKey: .path)
            self.rotateSize = try container.decodeIfPresent(ByteCount.self, forKey: .rotateSize)
            self.rotateEvery = try container.decodeIfPresent(String.self, forKey: .rotateEvery)
            self.keep = try container.decodeIfPresent(Int.self, forKey: .keep)
            self.mode = try container.decodeIfPresent(String.self, forKey: .mode)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }

    /// What is kept between reports.
    public struct State {
        var batch: LineBatch
        var file: RotatingFile
    }

    public static let name = "file"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry, .metric]

    private let format: LineFormat
    private let timeout: Duration
    private let plan: RotationPlan
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.format = try config.lines.lineFormat()
        self.timeout = try Duration(timeout: config.timeout)
        self.plan = try RotationPlan(config)
        self.log = host.log
    }

    public func makeState() -> State {
        State(batch: LineBatch(self.format, log: self.log), file: RotatingFile(self.plan))
    }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        let size = state.batch.make(batch)
        guard size > 0 else { return }
        let output = try state.file.output(for: size, log: self.log)
        try state.batch.write(batch, to: output, timeout: self.timeout, log: self.log)
    }

    public func reopen(_ state: inout State) { state.file.close() }
}
