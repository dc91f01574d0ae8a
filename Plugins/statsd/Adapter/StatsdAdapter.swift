internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Tells a StatsD or DogStatsD daemon what was added to metrics.
public struct StatsdAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let address: String
        let transport: StatsdSender.Transport?
        let format: StatsdLines.Format?
        let prefix: String?
        let histograms: StatsdLines.Histograms?
        let maxPacket: ByteCount?
        let timeout: String?
    }

    /// What one thread keeps.
    public struct State {
        var sender: StatsdSender
        var deltas = SeriesDeltas()
        /// By the shape's number.
        var lines: [Int: StatsdLines] = [:]
    }

    /// The adapter's name in configurations.
    public static let name = "statsd"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Series of numbers.
    public static let templates: Templates = [.metric]

    private let address: BackendAddress
    private let transport: StatsdSender.Transport
    private let format: StatsdLines.Format
    private let prefix: String
    private let histograms: StatsdLines.Histograms
    private let maxPacket: Int
    private let timeout: Duration

    /// Checks the address; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        self.address = try BackendAddress(configText: config.address, defaultPort: 8125, at: "/address")
        self.transport = config.transport ?? .udp
        self.format = config.format ?? .statsd
        self.prefix = config.prefix ?? "postern"
        self.histograms = config.histograms ?? .samples
        self.maxPacket = (config.maxPacket ?? ByteCount(bytes: 1432)).bytes
        guard (128...65_000).contains(self.maxPacket) else {
            throw ConfigProblem("/maxPacket", "must be 128B...65000B, got \(self.maxPacket)B")
        }
        self.timeout = try Duration(timeout: config.timeout)
    }

    /// Not connected.
    public func makeState() -> State {
        State(sender: StatsdSender(self.address, self.transport, self.timeout))
    }

    /// Sends what is new of each series; what was sent counts as passed on, should a later packet fail.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        var packet: [UInt8] = []
        var told: [(series: SeriesValue, key: [UInt8])] = []
        var text: [UInt8] = []
        try state.sender.begin()
        for index in 0..<batch.count {
            let record = batch[index]
            guard let series = record.series else {
                batch.refuse(index)
                continue
            }
            let number = record.shape.number
            if state.lines[number] == nil {
                state.lines[number] = StatsdLines(
                    record.shape, self.format, self.histograms, prefix: self.prefix)
            }
            var key: [UInt8] = []
            key.append(seriesKeyOf: record)
            text.removeAll(keepingCapacity: true)
            state.lines[number]?.append(record, series, state.deltas.delta(of: series, key), to: &text)
            if text.isEmpty { continue }
            // No datagram holds it: it would fail this report, and each that it comes again with.
            if self.transport == .udp, text.count > 65_000,
                text.split(separator: 0x0A).contains(where: { $0.count > 65_000 })
            {
                batch.refuse(index)
                continue
            }
            // A series' lines stay together where they can, so that what was sent is known by series.
            if !packet.isEmpty, packet.count + text.count > self.maxPacket {
                try self.send(&packet, &told, &state)
            }
            packet += text
            told.append((series, key))
        }
        try self.send(&packet, &told, &state)
    }

    private func send(
        _ packet: inout [UInt8], _ told: inout [(series: SeriesValue, key: [UInt8])], _ state: inout State
    ) throws {
        if packet.isEmpty { return }
        try state.sender.send(packet, most: self.maxPacket)
        for (series, key) in told { state.deltas.commit(series, key) }
        packet.removeAll(keepingCapacity: true)
        told.removeAll(keepingCapacity: true)
    }
}
