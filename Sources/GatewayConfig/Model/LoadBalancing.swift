/// How one of a service's endpoints is chosen for a request.
public enum LoadBalancing: String, Sendable, Hashable, CaseIterable {
    /// Each in turn, in proportion to its weight.
    case roundRobin
    /// Any, in proportion to its weight.
    case random
    /// The less busy, for its weight, of two that were picked at random.
    case leastRequest
}
