/// What is done with a request that a rule matched.
public enum RuleAction: Sendable, Hashable {
    /// It goes to one of these services, in proportion to their weights; at least one, and the weights' sum
    /// is positive. The key `service` gives one, the key `split` several.
    case forward([WeightedService])
    /// It is answered with a redirection. Key `redirect`.
    case redirect(Redirect)
    /// It is answered from the configuration. Key `directResponse`.
    case directResponse(DirectResponse)
}
