internal import PluginServe
internal import PluginSupport
public import PosternSDK

/// Shows metrics to Prometheus, which comes to fetch them.
public struct PrometheusAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let address: String?
        let path: String?
        let prefix: String?
        let maxSeries: Int?
        let expireAfter: Duration?
    }

    /// What one thread keeps.
    public struct State {
        var server: PageServer?
        var problem = ""
    }

    /// The adapter's name in configurations.
    public static let name = "prometheus"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Series of numbers.
    public static let templates: Templates = [.metric]

    private let address: PageAddress
    private let path: String
    private let exposition: Exposition
    private let log: Log

    /// Checks the address; listens nowhere yet.
    public init(config: Config, host: borrowing AdapterHost) throws {
        self.address = try PageAddress(config.address ?? "127.0.0.1:9464", at: "/address")
        self.path = config.path ?? "/metrics"
        guard self.path.utf8.first == 0x2F else {
            throw ConfigProblem("/path", "must begin with '/', got '\(self.path)'")
        }
        let prefix = config.prefix ?? ""
        guard prefix.isEmpty || MetricName.sanitised(prefix) == prefix else {
            throw ConfigProblem("/prefix", "must match [a-zA-Z_:][a-zA-Z0-9_:]*, got '\(prefix)'")
        }
        let most = config.maxSeries ?? 10_000
        guard (1...1_000_000).contains(most) else {
            throw ConfigProblem("/maxSeries", "must be 1...1000000, got \(most)")
        }
        if let expiry = config.expireAfter, expiry < .seconds(1) {
            throw ConfigProblem("/expireAfter", "must be at least 1s")
        }
        self.exposition = Exposition(
            host.handler, prefix: prefix, limit: most,
            expiry: config.expireAfter?.wholeNanoseconds,
            leftOut: try host.counter(
                "prometheus_left_out_total",
                help: "Series beyond maxSeries that a scrape did not show, of all scrapes."))
        self.log = host.log
    }

    /// It does not listen yet.
    public func makeState() -> State { State() }

    /// Nothing to do: a scrape takes what is there when it comes.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {}

    /// Listens, if it does not yet.
    public func tick(_ state: inout State) {
        guard state.server == nil else { return }
        do {
            state.server = try self.serve()
        } catch {
            if "\(error)" != state.problem { self.log(.error, "\(error)") }
            state.problem = "\(error)"
        }
    }

    private func serve() throws(ListenProblem) -> PageServer {
        let (exposition, path) = (self.exposition, self.path)
        let server = try PageServer(at: self.address) { request in
            guard request.path == path else { return .notFound }
            let format = Exposition.Format(accept: request.accept)
            return .init(
                type: format.contentType, exposition.text(format, now: monotonicNanoseconds()))
        }
        self.log(.info, "serves metrics at port \(server.port), \(path)")
        return server
    }
}
