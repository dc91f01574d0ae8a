internal import PluginSupport
public import PosternSDK

/// Counts amounts in the process's memory, and grants what is left.
public struct MemquotaAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let quotas: [QuotaRule.Config]
        let deduplication: Duration?
        let keys: Int?
    }

    /// The adapter's name in configurations.
    public static let name = "memquota"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// How much of something may be used.
    public static let templates: Templates = [.quota]

    /// By the instance's name.
    private let rules: [String: QuotaRule]
    private let cells: CellTable

    /// Checks the amounts.
    public init(config: Config, host: borrowing AdapterHost) throws {
        self.rules = try QuotaRule.table(config.quotas)
        let keys = config.keys ?? 65_536
        guard (1...10_000_000).contains(keys) else {
            throw ConfigProblem("/keys", "must be 1...10000000, got \(keys)")
        }
        self.cells = CellTable(
            limit: keys, deduplication: (config.deduplication ?? .seconds(1)).wholeNanoseconds)
    }

    /// Grants what is left, or nothing.
    ///
    /// - Throws: ``CellTable/Full``, and ``UnknownQuota``.
    public func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        let name = record.shape.name
        guard let rule = self.rules[name] else { throw UnknownQuota(name: name) }
        let limit = rule.limit(of: record)
        var key = Array(name.utf8)
        for index in 0..<record.count {
            // Lengths, so that no two sets of values make the same key.
            let start = key.count
            record[index].append(to: &key)
            key.append(contentsOf: "\u{0}\(key.count - start)".utf8)
        }
        return try self.cells.grant(
            key, request.amount, limit, bestEffort: request.isBestEffort, id: request.deduplicationID,
            now: monotonicNanoseconds())
    }
}

/// No quota of the configuration has the instance's name.
struct UnknownQuota: Error, CustomStringConvertible {
    let name: String
    var description: String { "no quota of the handler's configuration is called '\(self.name)'" }
}
