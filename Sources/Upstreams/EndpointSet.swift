public import GatewayConfig
public import Primitives

/// The endpoints of one service as one worker sees them: who is a member, with what weight, and how busy each
/// is.
///
/// An endpoint is named by a *slot*, a small number that stays the same as long as the endpoint is configured
/// or has a request in flight, whatever ``update(_:policy:random:)`` does in between. So what the caller
/// keeps by slot (connections, health) survives a reload, and a request that ends after its endpoint was
/// removed still counts down the right one. The slot of an endpoint that has left may be given to another by
/// a *later* update, once it has no request in flight: after each update, drop what is kept for slots that
/// are not ``isMember(_:)``.
///
/// One worker's own; never two threads.
public final class EndpointSet {
    /// An endpoint as the configuration gives it.
    public struct Member: Sendable, Hashable {
        /// What makes it the same endpoint across reloads: its address as text.
        public let key: String
        /// Its share, in relation to the others'; 1...65,536. A value outside becomes the nearest allowed
        /// one.
        public let weight: Int

        public init(key: String, weight: Int = 1) {
            self.key = key
            self.weight = min(max(weight, 1), 1 << 16)
        }
    }

    public private(set) var policy: LoadBalancing
    private var balancer: Balancer
    // By slot.
    private var keys: [String] = []
    private var loads: [Int] = []
    private var membership: [Bool] = []
    private var members: [Balancer.Member] = []
    private var inTurn: [Balancer.Member] = []
    /// Keys of those that have failed their health checks.
    private var failing: Set<String> = []

    /// - Parameter random: Decides where the turns begin, so that workers do not all start with the same
    ///   endpoint.
    public init(policy: LoadBalancing, members: [Member], random: inout RandomSource) {
        self.policy = policy
        self.balancer = Balancer(policy: policy, members: [], random: &random)
        self.update(members, random: &random)
    }

    /// How many slots there are, also of endpoints that have left; every slot is below it.
    public var slotCount: Int { self.keys.count }

    /// How many endpoints requests may be sent to.
    public var memberCount: Int { self.balancer.count }

    /// Replaces the list of endpoints, and the policy when one is given; a key given twice counts once, with
    /// its first weight.
    ///
    /// - Complexity: O(*n*), with allocation: not for the request path.
    public func update(_ members: [Member], policy: LoadBalancing? = nil, random: inout RandomSource) {
        if let policy { self.policy = policy }
        let wanted = Set(members.map(\.key))
        var slotOfKey: [String: Int] = [:]
        var free: [Int] = []
        for slot in self.keys.indices {
            let hasLeft = !self.membership[slot] && self.loads[slot] == 0
            if wanted.contains(self.keys[slot]) {
                slotOfKey[self.keys[slot]] = slot
            } else if hasLeft {
                free.append(slot)
            }
            self.membership[slot] = false
        }
        var balanced: [Balancer.Member] = []
        for member in members {
            let slot = slotOfKey[member.key] ?? self.newSlot(member.key, &free)
            slotOfKey[member.key] = slot
            if self.membership[slot] { continue }
            self.membership[slot] = true
            balanced.append(Balancer.Member(slot: slot, weight: member.weight))
        }
        self.members = balanced
        self.failing.formIntersection(wanted)
        self.rebalance(&random)
    }

    /// Takes endpoints that have failed their health checks out of the turns.
    ///
    /// When more than half have failed, the checks are believed no longer and all are in the turns: better
    /// some failures than a few endpoints with the load of all (Envoy's panic threshold).
    private func rebalance(_ random: inout RandomSource) {
        let healthy = self.failing.isEmpty ? self.members : self.members.filter { self.isHealthy($0.slot) }
        self.inTurn = healthy.count * 2 < self.members.count ? self.members : healthy
        self.balancer = Balancer(policy: self.policy, members: self.inTurn, random: &random)
    }

    /// Whether the endpoint has not failed its health checks.
    public func isHealthy(_ slot: Int) -> Bool { !self.failing.contains(self.keys[slot]) }

    /// Notes what health checks say of the endpoint with this key; nil: nothing is wrong with any.
    ///
    /// - Complexity: O(*n*), with allocation: not for the request path.
    public func setHealth(of key: String?, _ isHealthy: Bool, random: inout RandomSource) {
        let before = self.failing
        if let key {
            if isHealthy {
                self.failing.remove(key)
            } else if self.slot(of: key) != nil {
                self.failing.insert(key)
            }
        } else {
            self.failing = []
        }
        if self.failing != before { self.rebalance(&random) }
    }

    /// Whether no endpoint in the turns is left but those in `tried`.
    public func hasTriedAll(_ tried: TriedEndpoints) -> Bool {
        self.inTurn.allSatisfy { tried.contains($0.slot) }
    }

    private func newSlot(_ key: String, _ free: inout [Int]) -> Int {
        if let slot = free.popLast() {
            self.keys[slot] = key
            return slot
        }
        self.keys.append(key)
        self.loads.append(0)
        self.membership.append(false)
        return self.keys.count - 1
    }

    /// The endpoint for the next request, which the caller announces by ``requestStarted(_:)``.
    ///
    /// - Parameter tried: Endpoints that this request must not be sent to again.
    /// - Returns: Its slot; nil when there is none left.
    /// - Complexity: O(1) or O(log *n*); O(*n*) with `tried` endpoints. Allocates nothing.
    public func pick(random: inout RandomSource, excluding tried: TriedEndpoints = TriedEndpoints()) -> Int? {
        self.balancer.pick(random: &random, excluding: tried, loads: self.loads)
    }

    /// Counts a request in flight; once for each ``requestEnded(_:)``.
    public func requestStarted(_ slot: Int) { self.loads[slot] += 1 }

    /// Counts a request that is over, however it ended.
    public func requestEnded(_ slot: Int) {
        assert(self.loads[slot] > 0)
        self.loads[slot] = max(0, self.loads[slot] - 1)
    }

    /// Requests in flight at the endpoint.
    public func activeRequests(_ slot: Int) -> Int { self.loads[slot] }

    /// Whether the endpoint is in the current list; one that is not gets no new requests.
    public func isMember(_ slot: Int) -> Bool { self.membership[slot] }

    /// The key of the endpoint in the slot.
    public func key(_ slot: Int) -> String { self.keys[slot] }

    /// The slot of the member with this key; nil when there is none.
    ///
    /// - Complexity: O(*n*): not for the request path.
    public func slot(of key: String) -> Int? {
        self.keys.indices.first { self.membership[$0] && self.keys[$0] == key }
    }
}
