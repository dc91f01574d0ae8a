public import Primitives

/// How a handler is, for the admin endpoint.
public struct DeliveryStatus: Sendable, Hashable {
    public enum Health: Sendable, Hashable {
        case healthy
        /// Its last report failed, and all since that moment.
        case failing(since: WallTime)
    }
    public var name: String
    public var health: Health = .healthy
    /// What the handler said last when it failed; empty when it never did.
    public var lastProblem = ""
    public var lastProblemTime: WallTime?
    /// Records that wait or are under way.
    public var queueRecords = 0
    /// Memory that these take, or the size of the spool.
    public var queueBytes = 0
    /// Age of the oldest of them.
    public var lag: Duration = .zero
    public var delivered: UInt64 = 0
    /// By reason; those without a loss are left out.
    public var lost: [LossReason: UInt64] = [:]

    public init(name: String) { self.name = name }
}
