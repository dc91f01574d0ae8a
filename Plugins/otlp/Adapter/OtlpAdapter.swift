internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Sends logs, metrics and spans to an OpenTelemetry collector.
public struct OtlpAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        enum Transport: String, Decodable, Sendable { case http, grpc }

        let endpoint: String
        let `protocol`: Transport?
        let headers: [String: String]?
        let resource: [String: String]?
        let bodyVariable: String?
        let tls: TLSConfig?
        let timeout: String?
    }

    /// What one thread keeps.
    public struct State {
        var collector: Collector
        /// By the shape's number; nil for a template that no signal takes.
        var writers: [Int: ShapeWriter?] = [:]
        /// The collector wants nothing before that.
        var pause: Deadline?
        var problem = ""
    }

    /// The adapter's name in configurations.
    public static let name = "otlp"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Logs, metrics and traces.
    public static let templates: Templates = [.logEntry, .metric, .traceSpan]

    private let makeCollector: @Sendable () -> Collector
    private let resource: [(name: String, value: String)]
    private let bodyVariable: String
    private let log: Log

    /// Checks the endpoint; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        let url = try HTTPURL(configText: config.endpoint, at: "/endpoint")
        let isGRPC = config.protocol == .grpc
        if isGRPC, url.target != "/" {
            throw ConfigProblem("/endpoint", "must have no path with gRPC, got '\(url.target)'")
        }
        let fields = try requestFields(config.headers ?? [:], at: "/headers")
        let tls =
            url.isSecure
            ? try TLSClient(config.tls ?? TLSConfig(), application: isGRPC ? "h2" : "http/1.1") : nil
        let timeout = try Duration(timeout: config.timeout)
        self.makeCollector = { Collector(url, isGRPC: isGRPC, tls: tls, fields, timeout: timeout) }
        var resource = config.resource ?? [:]
        if resource["service.name"] == nil { resource["service.name"] = "postern" }
        self.resource = resource.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.bodyVariable = config.bodyVariable ?? "message"
        self.log = host.log
    }

    /// Not connected.
    public func makeState() -> State { State(collector: self.makeCollector()) }

    /// Sends a request for each signal in the batch, and judges each answer for itself.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        if let pause = state.pause {
            guard pause.isOver || batch.isLast else { throw Paused(problem: state.problem) }
            state.pause = nil
        }
        var requests = Signal.allCases.map { ExportRequest($0, resource: self.resource) }
        for index in 0..<batch.count {
            let record = batch[index]
            let number = record.shape.number
            if state.writers[number] == nil {
                state.writers[number] = .some(ShapeWriter(record.shape, body: self.bodyVariable))
            }
            guard case .some(.some(let writer)) = state.writers[number],
                requests[writer.signal.rawValue].add(record, at: index, writer)
            else {
                batch.refuse(index)
                continue
            }
        }
        requests.removeAll { $0.indices.isEmpty }
        var failures = 0
        var rest = Duration.zero
        for request in requests {
            switch state.collector.export(request.signal, request.bytes) {
            case .taken(let rejected, let message):
                // Which ones they are is not said; how many are lost is.
                for index in request.indices.suffix(rejected) { batch.refuse(index) }
                if rejected > 0 || !message.isEmpty {
                    self.warn("the collector rejected \(rejected) records: \(message.prefix(200))", &state)
                }
            case .again(let message, let after):
                failures += 1
                if let after, after > .zero {
                    state.pause = Deadline(in: min(after, .seconds(300)))
                    rest = max(rest, after)
                }
                state.problem = "\(request.signal): \(message)"
                for index in request.indices { batch.giveAgain(index, after: rest) }
            case .refused(let message):
                for index in request.indices { batch.refuse(index) }
                self.warn("the collector refused \(request.signal): \(message)", &state)
            }
        }
        // All came to nothing: say why.
        if failures > 0, failures == requests.count {
            throw ReportFailure(state.problem, retryAfter: rest)
        }
    }

    private func warn(_ text: String, _ state: inout State) {
        if text != state.problem { self.log(.warning, text) }
        state.problem = text
    }
}

/// The collector has asked for a pause, which is not over.
struct Paused: Error, CustomStringConvertible {
    let problem: String
    var description: String { "the collector asked for a pause (\(self.problem))" }
}
