import PosternSDK
import Synchronization

/// What customers with a key may do: whether they are known, how much, and what their requests are called.
final class Tiers: Adapter {
    struct Config: Decodable, Sendable {
        let customers: [String: String]
        let perMinute: [String: Int]
    }

    static let name = "tiers"
    static let version = "1.0.0"
    static let schema = """
        { "type": "object", "required": ["customers", "perMinute"], "properties": {
            "customers": { "type": "object", "additionalProperties": { "type": "string" } },
            "perMinute": { "type": "object", "additionalProperties": { "type": "integer", "minimum": 1 } } } }
        """
    static let templates: Templates = [.listEntry, .quota, .attributes]
    static let outputs = [OutputColumn("tier", .string)]

    private let config: Config
    private let unknown: HandlerCounter
    private let used = Mutex<(minute: Int64, amounts: [String: Int])>((0, [:]))

    init(config: Config, host: borrowing AdapterHost) throws {
        for tier in config.customers.values where config.perMinute[tier] == nil {
            throw ConfigProblem("/perMinute", "has no '\(tier)', which a customer has")
        }
        self.config = config
        self.unknown = try host.counter("tiers_unknown_total", help: "Requests of nobody known.")
    }

    func check(_ record: Record) throws -> Verdict {
        if let customer = record.text(named: "value"), self.config.customers[customer] != nil {
            return .allow(for: .seconds(60))
        }
        self.unknown.add()
        return Verdict(.permissionDenied, "who are you?\n", validFor: .seconds(5))
    }

    func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        guard let customer = record.text(named: "customer"), let tier = self.config.customers[customer] else {
            return QuotaGrant(0)
        }
        let (limit, minute) = (self.config.perMinute[tier] ?? 0, record.time.nanoseconds / 60_000_000_000)
        return self.used.withLock { used in
            if used.minute != minute { used = (minute, [:]) }
            let left = limit - used.amounts[customer, default: 0]
            let all = left >= request.amount
            let granted = all ? request.amount : request.isBestEffort ? left : 0
            used.amounts[customer, default: 0] += granted
            return QuotaGrant(granted, validFor: .seconds(1))
        }
    }

    func generate(_ record: Record, _ outputs: inout Outputs) throws {
        guard let customer = record.text(named: "customer"), let tier = self.config.customers[customer] else {
            return
        }
        outputs.set(0, tier)
    }
}
