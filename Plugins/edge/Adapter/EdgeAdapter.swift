internal import PluginServe
internal import PluginSupport
public import PosternSDK

/// Keeps the graph of who calls whom: rate, errors and latency of each edge over a window.
public struct EdgeAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let address: String?
        let path: String?
        let file: String?
        let writeInterval: Duration?
        let window: Duration?
        let maxEdges: Int?
    }

    /// What one thread keeps.
    public struct State {
        var server: PageServer?
        var problem = ""
        var writtenAt: Int64?
        /// Of records, by the shape's number.
        var readers: [Int: EdgeReader] = [:]
    }

    /// The adapter's name in configurations.
    public static let name = "edge"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Who called whom.
    public static let templates: Templates = [.edge]

    private let address: PageAddress?
    private let path: String
    private let file: String?
    private let writeInterval: Int64
    private let graph: SharedGraph
    private let log: Log
    private let lost: HandlerCounter

    /// Checks the address and the window; listens nowhere yet.
    public init(config: Config, host: borrowing AdapterHost) throws {
        if config.address == nil, config.file == nil {
            throw ConfigProblem("", "shows the graph nowhere: give address or file")
        }
        self.address = try config.address.map { (text) throws(ConfigProblem) in
            let address = try PageAddress(text, at: "/address")
            guard address.isLoopback else {
                throw ConfigProblem("/address", "must be a loopback address, got '\(text)'")
            }
            return address
        }
        self.path = config.path ?? "/graph"
        guard self.path.utf8.first == 0x2F else {
            throw ConfigProblem("/path", "must begin with '/', got '\(self.path)'")
        }
        if let file = config.file, file.utf8.first != 0x2F {
            throw ConfigProblem("/file", "must be an absolute path, got '\(file)'")
        }
        self.file = config.file
        self.writeInterval = (config.writeInterval ?? .seconds(5)).wholeNanoseconds
        let window = config.window ?? .seconds(60)
        guard window >= .seconds(1), window <= .seconds(86_400) else {
            throw ConfigProblem("/window", "must be 1s...24h")
        }
        let most = config.maxEdges ?? 4096
        guard (1...100_000).contains(most) else {
            throw ConfigProblem("/maxEdges", "must be 1...100000, got \(most)")
        }
        self.graph = SharedGraph(window: window.wholeNanoseconds, limit: most)
        self.log = host.log
        self.lost = try host.counter(
            "edge_left_out_total", help: "Records of edges beyond maxEdges, which the graph does not show.")
    }

    /// Nothing is kept yet.
    public func makeState() -> State { State() }

    /// Counts each record.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        let now = wallNanoseconds()
        for index in 0..<batch.count {
            let record = batch[index]
            let number = record.shape.number
            if state.readers[number] == nil { state.readers[number] = EdgeReader(record.shape) }
            guard let call = state.readers[number]?.read(record) else {
                batch.refuse(index)
                continue
            }
            if !self.graph.add(call, now: now) { self.lost.add() }
        }
    }

    /// Listens if it does not yet, and writes the file when it is time.
    public func tick(_ state: inout State) {
        var problem = ""
        if state.server == nil, let address {
            do { state.server = try self.serve(address) } catch { problem = "\(error)" }
        }
        let now = monotonicNanoseconds()
        if let file, state.writtenAt.map({ now - $0 >= self.writeInterval }) ?? true {
            do {
                try replaceFile(file, with: self.graph.json(now: wallNanoseconds()))
                state.writtenAt = now
            } catch { problem = "\(error)" }
        }
        if !problem.isEmpty, problem != state.problem { self.log(.error, problem) }
        state.problem = problem
    }

    private func serve(_ address: PageAddress) throws(ListenProblem) -> PageServer {
        let (graph, path) = (self.graph, self.path)
        let server = try PageServer(at: address) { request in
            guard request.path == path else { return .notFound }
            return .init(type: "application/json", graph.json(now: wallNanoseconds()))
        }
        self.log(.info, "serves the graph at port \(server.port), \(path)")
        return server
    }
}
