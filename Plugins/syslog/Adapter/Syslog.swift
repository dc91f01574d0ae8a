internal import Glibc
internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Sends log entries to a syslog server (RFC 5424): over UDP, TCP, Unix sockets or TLS.
public struct Syslog: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var address: String
        var transport: String?
        var facility: String?
        var hostname: String?
        var appName: String?
        var structuredData: StructuredData?
        var maxSize: ByteCount?
        var tls: TLSConfig?
        var timeout: String?
        var lines: LineConfig

        struct StructuredData: Decodable, Sendable {
            var id: String
            var columns: [String]
        }

        private enum CodingKeys: String, CodingKey {
            case address, transport, facility, hostname, appName, structuredData, maxSize, tls, timeout
        }

        /// The keys of lines stand among the others.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.address = try container.decode(String.self, forKey: .address)
            self.transport = try container.decodeIfPresent(String.self, forKey: .transport)
            self.facility = try container.decodeIfPresent(String.self, forKey: .facility)
            self.hostname = try container.decodeIfPresent(String.self, forKey: .hostname)
            self.appName = try container.decodeIfPresent(String.self, forKey: .appName)
            self.structuredData = try container.decodeIfPresent(StructuredData.self, forKey: .structuredData)
            self.maxSize = try container.decodeIfPresent(ByteCount.self, forKey: .maxSize)
            self.tls = try container.decodeIfPresent(TLSConfig.self, forKey: .tls)
            self.timeout = try container.decodeIfPresent(String.self, forKey: .timeout)
            self.lines = try LineConfig(from: decoder)
        }
    }

    /// What is kept between reports.
    public struct State {
        let messages: MessageWriter
        let buffer = LineBuffer()
        var transport: SyslogTransport
    }

    public static let name = "syslog"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry]

    private let messages: MessageFormat
    private let destination: SyslogDestination
    private let log: Log
    private let cut: HandlerCounter

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.messages = try MessageFormat(config)
        self.destination = try SyslogDestination(config)
        self.log = host.log
        self.cut = try host.counter("syslog_cut_total", help: "Messages that were cut at maxSize.")
    }

    public func makeState() -> State {
        State(
            messages: MessageWriter(self.messages, log: self.log),
            transport: SyslogTransport(self.destination))
    }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        state.buffer.truncate()
        var ends: [Int] = []
        ends.reserveCapacity(batch.count)
        for index in 0..<batch.count {
            let start = state.buffer.count
            if state.messages.append(batch[index], to: state.buffer) { self.cut.add() }
            if self.destination.countsOctets { state.buffer.insertCount(at: start) }
            ends.append(state.buffer.count)
        }
        guard !ends.isEmpty else { return }
        if self.destination.countsOctets {
            try state.transport.send(stream: state.buffer.bytes)
        } else {
            try self.sendDatagrams(batch, state.buffer.bytes, ends, &state.transport)
        }
    }

    private func sendDatagrams(
        _ batch: borrowing Batch, _ bytes: [UInt8], _ ends: [Int], _ transport: inout SyslogTransport
    ) throws {
        var start = 0
        for (index, end) in ends.enumerated() {
            do throws(NetError) {
                try transport.send(datagram: Array(bytes[start..<end]))
            } catch {
                guard error.code != .malformed else {
                    // No packet is that large.
                    batch.refuse(index)
                    start = end
                    continue
                }
                guard index > 0 else { throw error }
                for rest in index..<batch.count { batch.giveAgain(rest) }
                return self.log(.warning, "\(error)")
            }
            start = end
        }
    }
}
