internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Sends spans to Zipkin, or to what takes its JSON (Jaeger, collectors).
public struct ZipkinAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let endpoint: String
        let serviceName: String?
        let headers: [String: String]?
        let tls: TLSConfig?
        let timeout: String?
    }

    /// What one thread keeps.
    public struct State {
        var client: HTTPClient
        /// By the shape's number.
        var writers: [Int: SpanWriter] = [:]
    }

    /// The adapter's name in configurations.
    public static let name = "zipkin"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Spans of a trace.
    public static let templates: Templates = [.traceSpan]

    private let makeClient: @Sendable () -> HTTPClient
    private let target: String
    private let serviceName: String
    private let fields: [(name: String, value: String)]
    private let log: Log

    /// Checks the endpoint; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        let url = try HTTPURL(configText: config.endpoint, at: "/endpoint")
        let tls = url.isSecure ? try TLSClient(config.tls ?? TLSConfig()) : nil
        let timeout = try Duration(timeout: config.timeout)
        self.makeClient = { HTTPClient(url, tls: tls, timeout: timeout) }
        // A bare address means the collector's usual place.
        self.target = url.target == "/" ? "/api/v2/spans" : url.target
        self.serviceName = config.serviceName ?? "postern"
        self.fields =
            [("content-type", "application/json")]
            + (try requestFields(config.headers ?? [:], at: "/headers"))
        self.log = host.log
    }

    /// Not connected.
    public func makeState() -> State { State(client: self.makeClient()) }

    /// Sends the spans as one list.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        var body: [UInt8] = [0x5B]
        var sent: [Int] = []
        for index in 0..<batch.count {
            let record = batch[index]
            let number = record.shape.number
            let writer = state.writers[number] ?? SpanWriter(record.shape, serviceName: self.serviceName)
            state.writers[number] = writer
            let start = body.count
            if !sent.isEmpty { body.append(0x2C) }
            if writer.write(record, to: &body) {
                sent.append(index)
            } else {
                body.removeLast(body.count - start)
                batch.refuse(index)
            }
        }
        if sent.isEmpty { return }
        body.append(0x5D)
        let answer = try state.client.send("POST", self.target, fields: self.fields, body: body)
        switch answer.status {
        case 200..<300: return
        case 408, 429, 500...: throw NotTaken(status: answer.status, excerpt: answer.excerpt())
        default:
            for index in sent { batch.refuse(index) }
            self.log(.warning, "\(NotTaken(status: answer.status, excerpt: answer.excerpt()))")
        }
    }
}

/// The collector did not take the spans.
struct NotTaken: Error, CustomStringConvertible {
    let status: Int
    let excerpt: String
    var description: String { "it answered \(self.status)\(self.excerpt.isEmpty ? "" : ": \(self.excerpt)")" }
}
