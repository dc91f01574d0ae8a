internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Counts amounts in Redis, where several gateways share them, and grants what is left.
public struct RedisquotaAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let address: String
        let username: String?
        let password: String?
        let database: Int?
        let keyPrefix: String?
        let quotas: [QuotaRule.Config]
        let deduplication: Duration?
        let tls: TLSConfig?
        let timeout: String?
    }

    /// The adapter's name in configurations.
    public static let name = "redisquota"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// How much of something may be used.
    public static let templates: Templates = [.quota]
    /// It waits for Redis.
    public static let isBlocking = true

    /// By the instance's name.
    private let rules: [String: QuotaRule]
    private let redis: RedisPool
    private let prefix: [UInt8]
    private let deduplication: Int64

    /// Checks the amounts; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        self.rules = try QuotaRule.table(config.quotas)
        let address = try BackendAddress(configText: config.address, defaultPort: 6379, at: "/address")
        if config.username != nil, config.password == nil {
            throw ConfigProblem("/username", "needs a password, too")
        }
        let database = config.database ?? 0
        guard (0...65_535).contains(database) else {
            throw ConfigProblem("/database", "must be 0...65535, got \(database)")
        }
        let prefix = config.keyPrefix ?? "postern:quota:"
        guard !prefix.isEmpty else { throw ConfigProblem("/keyPrefix", "must not be empty") }
        self.prefix = Array(prefix.utf8)
        self.deduplication = max((config.deduplication ?? .seconds(1)).wholeNanoseconds / 1_000_000, 1)
        self.redis = RedisPool(
            address, login: config.password.map { (config.username, $0) }, database: database,
            tls: try config.tls.map { try TLSClient($0) }, timeout: try Duration(timeout: config.timeout))
    }

    /// Grants what is left, or nothing: one round trip.
    ///
    /// - Throws: ``NetError``, ``RedisProblem`` or ``UnknownQuota``.
    public func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        let name = record.shape.name
        guard let rule = self.rules[name] else { throw UnknownQuota(name: name) }
        let limit = rule.limit(of: record)
        // Braces: all keys of one amount are in one slot of a cluster.
        var key = self.prefix
        key.append(0x7B)
        key.append(contentsOf: name.utf8)
        for index in 0..<record.count {
            let start = key.count
            record[index].append(to: &key)
            // Lengths, so that no two sets of values make the same key.
            key.append(contentsOf: "|\(key.count - start)|".utf8)
        }
        key.append(0x7D)
        var answer = key
        if let id = request.deduplicationID { answer.append(contentsOf: ":\(id)".utf8) }
        let reply = try self.redis.run(
            limit.isRolling ? QuotaScript.rolling : QuotaScript.fixed, keys: [key, answer],
            arguments: [
                limit.max, Int(max(limit.window / 1_000_000, 1)), request.amount,
                request.isBestEffort ? 1 : 0,
                request.deduplicationID == nil ? 0 : Int(self.deduplication),
            ], within: record.timeLeft)
        guard case .array(let items) = reply, items.count == 2, case .integer(let amount) = items[0],
            case .integer(let lifetime) = items[1]
        else { throw RedisProblem(message: "the script's reply is not two numbers") }
        return QuotaGrant(Int(amount), validFor: .milliseconds(max(lifetime, 0)))
    }
}

/// No quota of the configuration has the instance's name.
struct UnknownQuota: Error, CustomStringConvertible {
    let name: String
    var description: String { "no quota of the handler's configuration is called '\(self.name)'" }
}
