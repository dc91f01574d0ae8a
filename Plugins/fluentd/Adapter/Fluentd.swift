internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Sends log entries to Fluentd, Fluent Bit and what else speaks the forward protocol, version 1.
public struct Fluentd: Adapter {
    /// See ``schema``.
    public struct Config: Decodable, Sendable {
        var address: String
        var tag: String?
        var mode: String?
        var acknowledge: Bool?
        var columns: [String]?
        var hostname: String?
        var sharedKey: String?
        var username: String?
        var password: String?
        var tls: TLSConfig?
        var timeout: String?
    }

    /// What is kept between reports.
    public struct State {
        var connection: ForwardConnection
        var events: EventWriter
    }

    public static let name = "fluentd"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry]

    private let destination: ForwardDestination
    private let columns: [String]?
    private let tag: String
    private let isPacked: Bool
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.destination = try ForwardDestination(config)
        self.columns = config.columns
        self.tag = config.tag ?? "postern.{instance}"
        let rest = self.tag.replacing("{instance}", with: "i")
        guard !rest.isEmpty, !rest.contains("{"), rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ConfigProblem(
                "/tag", "must be visible characters, with '{instance}' if you like, got '\(self.tag)'")
        }
        switch config.mode ?? "packedForward" {
        case "packedForward": self.isPacked = true
        case "forward": self.isPacked = false
        default:
            throw ConfigProblem("/mode", "must be packedForward or forward, got '\(config.mode ?? "")'")
        }
        self.log = host.log
    }

    public func makeState() -> State {
        State(
            connection: ForwardConnection(self.destination),
            events: EventWriter(columns: self.columns, tag: self.tag))
    }

    /// One message for each tag; those that were not taken are to come again.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        var groups: [(tag: String, events: [UInt8], records: [Int])] = []
        for index in 0..<batch.count {
            let record = batch[index]
            let tag = state.events.tag(of: record.shape)
            let group = groups.firstIndex { $0.tag == tag } ?? groups.count
            if group == groups.count { groups.append((tag, [], [])) }
            state.events.append(record, to: &groups[group].events)
            groups[group].records.append(index)
        }
        for (number, group) in groups.enumerated() {
            do throws(NetError) {
                try state.connection.send(
                    ForwardMessage(
                        tag: group.tag, events: group.events, count: group.records.count,
                        isPacked: self.isPacked))
            } catch {
                guard number > 0 else { throw error }
                for group in groups[number...] { for index in group.records { batch.giveAgain(index) } }
                return self.log(.warning, "\(error)")
            }
        }
    }
}
