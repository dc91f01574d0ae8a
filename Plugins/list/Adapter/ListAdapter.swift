internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Lets a request pass or not by whether a value is in a list.
public struct ListAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let entries: [String]?
        let entryType: EntryType?
        let file: String?
        let url: String?
        let refreshInterval: Duration?
        let timeout: String?
        let maxAge: Duration?
        let maxSize: ByteCount?
        let tls: TLSConfig?
        let blocklist: Bool?
        let code: VerdictCode?
        let message: String?
        let validDuration: Duration?
        let validUses: Int?
    }

    /// What asks the URL.
    public struct State {
        var client: HTTPClient?
        var askedAt: Int64?
    }

    /// The adapter's name in configurations.
    public static let name = "list"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Whether a value is in a list.
    public static let templates: Templates = [.listEntry]

    private let entries: ListContent
    private let file: ReloadedValue<ListContent>?
    private let fetched: FetchedList?
    private let makeClient: @Sendable () -> HTTPClient?
    private let refreshInterval: Int64
    private let log: Log
    private let isBlocklist: Bool
    private let refusal: Verdict
    private let lifetime: Duration
    private let uses: Int?

    /// Reads `entries`; the file and the URL are read later.
    public init(config: Config, host: borrowing AdapterHost) throws {
        let type = config.entryType ?? .strings
        let limit = (config.maxSize ?? ByteCount(bytes: 8 << 20)).bytes
        if config.entries == nil, config.file == nil, config.url == nil {
            throw ConfigProblem("", "has no entries: give entries, file or url")
        }
        self.entries = try ListContent(type, config.entries ?? [])
        if let path = config.file {
            guard path.utf8.first == 0x2F else {
                throw ConfigProblem("/file", "must be an absolute path, got '\(path)'")
            }
            self.file = ReloadedValue(path: path, limit: limit, log: host.log) {
                try ListContent(type, lines: $0)
            }
        } else {
            self.file = nil
        }
        let timeout = try Duration(timeout: config.timeout)
        if let text = config.url {
            let url = try HTTPURL(configText: text, at: "/url")
            self.fetched = FetchedList(url, type, maxAge: config.maxAge)
            let tls = url.isSecure ? try TLSClient(config.tls ?? TLSConfig()) : nil
            self.makeClient = { HTTPClient(url, tls: tls, timeout: timeout, limit: limit) }
        } else {
            self.fetched = nil
            self.makeClient = { nil }
        }
        self.refreshInterval = (config.refreshInterval ?? .seconds(30)).wholeNanoseconds
        self.log = host.log
        if let uses = config.validUses, uses < 1 {
            throw ConfigProblem("/validUses", "must be at least 1, got \(uses)")
        }
        self.isBlocklist = config.blocklist ?? false
        self.lifetime = config.validDuration ?? .seconds(5)
        self.uses = config.validUses
        self.refusal = Verdict(
            config.code?.code ?? .permissionDenied,
            config.message ?? (self.isBlocklist ? "this is on a blocklist" : "this is not on the list"),
            validFor: self.lifetime, uses: config.validUses)
    }

    /// The URL was not asked yet.
    public func makeState() -> State { State(client: self.makeClient()) }

    /// Reads the file again when it has changed, and asks the URL when it is time.
    public func tick(_ state: inout State) {
        self.file?.refresh()
        let now = monotonicNanoseconds()
        guard let fetched, state.askedAt.map({ now - $0 >= self.refreshInterval }) ?? true else { return }
        // Not optional chaining: the client keeps its connection.
        guard var client = state.client else { return }
        if let problem = fetched.refresh(&client) { self.log(.warning, problem) }
        state.client = client
        state.askedAt = now
    }

    /// Looks the value up; one that is absent is in no list.
    public func check(_ record: Record) throws -> Verdict {
        var isListed = self.entries.contains(record[0])
        if !isListed, let file { isListed = try file.current().contains(record[0]) }
        if !isListed, let fetched { isListed = try fetched.current().contains(record[0]) }
        return isListed == self.isBlocklist ? self.refusal : .allow(for: self.lifetime, uses: self.uses)
    }
}
