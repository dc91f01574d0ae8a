internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Writes metrics to Graphite in its plain text protocol.
public struct GraphiteAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        enum Transport: String, Decodable, Sendable { case tcp, udp }
        enum Counters: String, Decodable, Sendable { case cumulative, deltas }

        let address: String
        let transport: Transport?
        let prefix: String?
        let tags: Bool?
        let counters: Counters?
        let timeout: String?
    }

    /// What one thread keeps.
    public struct State {
        var connection: Connection?
        var datagrams: DatagramSocket?
        var deltas = SeriesDeltas()
        /// By the shape's number.
        var lines: [Int: GraphiteLines] = [:]
    }

    /// The adapter's name in configurations.
    public static let name = "graphite"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Series of numbers.
    public static let templates: Templates = [.metric]
    /// What a datagram holds at most.
    private static let packet = 1432

    private let address: BackendAddress
    private let isDatagrams: Bool
    private let prefix: String
    private let hasTags: Bool
    private let countsDeltas: Bool
    private let timeout: Duration

    /// Checks the address; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        self.address = try BackendAddress(configText: config.address, defaultPort: 2003, at: "/address")
        self.isDatagrams = config.transport == .udp
        self.prefix = config.prefix ?? "postern"
        self.hasTags = config.tags ?? false
        self.countsDeltas = config.counters == .deltas
        self.timeout = try Duration(timeout: config.timeout)
    }

    /// Not connected.
    public func makeState() -> State { State() }

    /// Writes a line, or several for a histogram, for each series.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        var text: [UInt8] = []
        var told: [(series: SeriesValue, key: [UInt8])] = []
        for index in 0..<batch.count {
            let record = batch[index]
            guard let series = record.series else {
                batch.refuse(index)
                continue
            }
            let number = record.shape.number
            if state.lines[number] == nil {
                state.lines[number] = GraphiteLines(record.shape, prefix: self.prefix, hasTags: self.hasTags)
            }
            if self.countsDeltas {
                var key: [UInt8] = []
                key.append(seriesKeyOf: record)
                state.lines[number]?.append(record, state.deltas.delta(of: series, key), to: &text)
                told.append((series, key))
            } else {
                state.lines[number]?.append(record, series, to: &text)
            }
        }
        if text.isEmpty { return }
        do {
            try self.send(text, &state)
        } catch {
            state.connection = nil
            state.datagrams = nil
            throw error
        }
        for (series, key) in told { state.deltas.commit(series, key) }
    }

    private func send(_ text: [UInt8], _ state: inout State) throws(NetError) {
        let deadline = Deadline(in: self.timeout)
        guard self.isDatagrams else {
            // Graphite says nothing: what can be read is its end.
            if state.connection?.isQuiet != true {
                state.connection = try Connection(to: self.address, until: deadline)
            }
            try state.connection?.write(text, until: deadline)
            return
        }
        if state.datagrams == nil {
            state.datagrams = try DatagramSocket(to: self.address, until: deadline)
        }
        var packet: [UInt8] = []
        for line in text.split(separator: 0x0A) {
            if !packet.isEmpty, packet.count + line.count + 1 > Self.packet {
                try state.datagrams?.send(packet, until: deadline)
                packet.removeAll(keepingCapacity: true)
            }
            packet += line
            packet.append(0x0A)
        }
        try state.datagrams?.send(packet, until: deadline)
    }
}
