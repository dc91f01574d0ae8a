public import GatewayConfig
internal import Primitives
internal import Reactor

/// How a name of a service stands.
public struct NameReport: Sendable {
    public enum State: String, Sendable {
        /// The first look-up has not ended.
        case pending
        /// The last look-up said what it is.
        case resolved
        /// The last look-up failed; the addresses are those of before, if any.
        case failing
    }

    public let service: String
    public let name: DNSName
    public let state: State
    /// As text, with the port.
    public let addresses: [String]
    /// Seconds since somebody last said what the name is; nil: nobody has.
    public let answerAge: Int?
    /// Seconds until it is looked up again; nil while it is.
    public let nextLookUp: Int?
    /// Look-ups that failed since the last that did not.
    public let failures: Int
    /// Why one last failed, or one family of it.
    public let lastFailure: String?

    init(service: String, _ name: DNSName, _ tracked: TrackedName, now: MonotonicTime) {
        let state = tracked.state
        self.service = service
        self.name = name
        self.state = state.failures > 0 ? .failing : state.isResolved ? .resolved : .pending
        self.addresses = (state.ipv4 + state.ipv6).map { $0.at(port: name.port).description }
        self.answerAge = state.lastAnswer.map { Int(now.since($0) / 1_000_000_000) }
        self.nextLookUp = tracked.nextLookUp.map { Int(($0.since(now) + 999_999_999) / 1_000_000_000) }
        self.failures = state.failures
        self.lastFailure = state.lastFailure
    }
}
