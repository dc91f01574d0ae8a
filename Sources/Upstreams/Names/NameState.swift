internal import GatewayConfig
internal import Primitives
internal import Reactor

/// What is known of a name, and when to look again; pure.
///
/// The last good answer is kept for as long as nobody can give a better one. That there is no such name, or
/// that it has no address, is an answer, too; only a logical name keeps its addresses then, as in Envoy.
struct NameState {
    /// The most addresses of a name that are used.
    static let addressLimit = 256
    /// Within how many seconds an answer without a TTL, as a file's, is looked at again.
    static let secondsOfFile: UInt32 = 30
    /// After a failure: the first time and the longest.
    private static let firstRetry: UInt64 = 1_000_000_000
    private static let longestRetry: UInt64 = 30_000_000_000

    private let refresh: DNSRefresh
    /// Whether addresses are kept, too, when the name has gone.
    private let isLasting: Bool
    /// The last good answers by family, sorted.
    private(set) var ipv4: [HostAddress] = []
    private(set) var ipv6: [HostAddress] = []
    /// Whether anybody has ever said which addresses there are, or that there are none.
    private(set) var isResolved = false
    /// Whether a first look-up has ended, well or not.
    private(set) var isTried = false
    /// Look-ups that failed since the last that did not.
    private(set) var failures = 0
    private(set) var lastFailure: String?
    /// Addresses beyond the limit, left out of the last answer.
    private(set) var leftOut = 0
    private(set) var lastAnswer: MonotonicTime?

    init(_ dns: DNSConfiguration) {
        self.refresh = dns.refresh
        self.isLasting = dns.mode == .logical
    }

    /// Takes the end of a look-up, or before that the family that came first.
    ///
    /// - Returns: Whether the addresses are others than before.
    mutating func take(_ answers: FamilyAnswers, isEnd: Bool, at now: MonotonicTime) -> Bool {
        let before = (self.ipv4, self.ipv6, self.isResolved)
        let isAnswer = answers.hasAddresses || (isEnd && answers.failure == nil)
        if answers.hasAddresses || !self.isLasting {
            self.leftOut = 0
            self.ipv4 = self.merged(self.ipv4, answers.ipv4)
            self.ipv6 = self.merged(self.ipv6, answers.ipv6)
        }
        if isAnswer {
            self.isResolved = true
            self.lastAnswer = now
        }
        if isEnd {
            self.isTried = true
            self.failures = answers.isFailure ? self.failures + 1 : 0
            if let failure = answers.failure { self.lastFailure = failure }
        }
        return before != (self.ipv4, self.ipv6, self.isResolved)
    }

    /// A family that failed, or was not answered, keeps what it had.
    private mutating func merged(_ known: [HostAddress], _ answer: FamilyAnswers.Answer?) -> [HostAddress] {
        switch answer {
        case .found(let addresses, _):
            self.leftOut += max(0, addresses.count - Self.addressLimit)
            return Array(addresses.sorted().prefix(Self.addressLimit))
        case FamilyAnswers.Answer.none?: return []
        case .failed, nil: return known
        }
    }

    /// Nanoseconds until the next look-up after one that ended so.
    ///
    /// Up to a tenth longer than the TTL says, so that many names, and many gateways, do not ask at once;
    /// never shorter, because a cache would give the same answer with what is left of its TTL.
    func wait(after answers: FamilyAnswers, _ random: inout RandomSource) -> UInt64 {
        let minimum = self.refresh.minimum.nanoseconds
        let maximum = self.refresh.maximum.nanoseconds
        var wait = minimum
        if let ttl = answers.ttl { wait = min(max(UInt64(ttl) * 1_000_000_000, minimum), maximum) }
        if answers.isFailure {
            let doublings = UInt64(min(max(self.failures, 1) - 1, 16))
            wait = min(min(minimum, Self.firstRetry) << doublings, Self.longestRetry, maximum)
        }
        return wait + UInt64.random(in: 0...(wait / 10), using: &random)
    }
}
