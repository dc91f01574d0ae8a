internal import PluginSupport
public import PosternSDK

/// Refuses whatever it is asked: what a rule sends to it does not pass.
public struct DenierAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let code: VerdictCode?
        let message: String?
        let validDuration: Duration?
        let validUses: Int?
    }

    /// The adapter's name in configurations.
    public static let name = "denier"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// All that is asked before a request goes on.
    public static let templates: Templates = [.checkNothing, .listEntry, .authorization, .apiKey, .quota]

    private let verdict: Verdict
    private let lifetime: Duration

    /// Makes the one answer.
    public init(config: Config, host: borrowing AdapterHost) throws {
        if let uses = config.validUses, uses < 1 {
            throw ConfigProblem("/validUses", "must be at least 1, got \(uses)")
        }
        self.lifetime = config.validDuration ?? .seconds(5)
        self.verdict = Verdict(
            config.code?.code ?? .permissionDenied, config.message ?? "denied by policy",
            validFor: self.lifetime, uses: config.validUses)
    }

    /// Refuses.
    public func check(_ record: Record) throws -> Verdict { self.verdict }

    /// Grants nothing.
    public func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        QuotaGrant(0, validFor: self.lifetime)
    }
}
