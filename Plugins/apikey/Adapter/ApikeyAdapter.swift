internal import PluginSupport
public import PosternSDK

/// Lets a request pass when its API key is known and good for the API that it calls.
public struct ApikeyAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let keys: [ApiKey.Config]?
        let file: String?
        let validDuration: Duration?
    }

    /// The adapter's name in configurations.
    public static let name = "apikey"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Whether a key is valid.
    public static let templates: Templates = [.apiKey]

    private let keys: KeyRing
    private let file: ReloadedValue<KeyRing>?
    private let permission: Verdict
    private let missing, unknown, forbidden: Verdict
    private let refused: HandlerCounter

    /// Reads `keys`; the file is read later.
    public init(config: Config, host: borrowing AdapterHost) throws {
        if config.keys == nil, config.file == nil {
            throw ConfigProblem("", "has no keys: give keys or file")
        }
        self.keys = try KeyRing(config.keys ?? [])
        if let path = config.file {
            guard path.utf8.first == 0x2F else {
                throw ConfigProblem("/file", "must be an absolute path, got '\(path)'")
            }
            self.file = ReloadedValue(path: path, limit: 64 << 20, log: host.log) { try KeyRing(lines: $0) }
        } else {
            self.file = nil
        }
        let lifetime = config.validDuration ?? .seconds(10)
        self.permission = .allow(for: lifetime)
        self.missing = Verdict(.unauthenticated, "no API key", validFor: lifetime)
        self.unknown = Verdict(.unauthenticated, "this API key is not accepted", validFor: lifetime)
        self.forbidden = Verdict(
            .permissionDenied, "this API key is not good for this API", validFor: lifetime)
        self.refused = try host.counter(
            "apikey_refused_total",
            help: "Checks of requests without an API key that is good for what they call; "
                + "while a refusal is remembered (validDuration), requests alike are not checked.")
    }

    /// Reads the file again when it has changed.
    public func tick(_ state: inout Void) { self.file?.refresh() }

    /// Looks the key up.
    public func check(_ record: Record) throws -> Verdict {
        guard case .string(let key) = record[Column.apiKey], !key.isEmpty else {
            return self.refuse(self.missing)
        }
        if let found = self.keys.find(key) {
            return found.allows(record) ? self.permission : self.refuse(self.forbidden)
        }
        if let file, let found = try file.current().find(key) {
            return found.allows(record) ? self.permission : self.refuse(self.forbidden)
        }
        return self.refuse(self.unknown)
    }

    private func refuse(_ verdict: Verdict) -> Verdict {
        self.refused.add()
        return verdict
    }
}

/// The columns of the template `apikey` (docs/reference/templates.md).
enum Column {
    static let api = 0
    static let version = 1
    static let operation = 2
    static let apiKey = 3
}
