/// A change to a filter of the listener or the route for one rule.
public struct FilterOverride: Sendable {
    /// What becomes of the filter.
    public enum Change: Sendable {
        /// It runs with this configuration, which takes the place of the whole of its own. Key `config`.
        case config(ConfigNode)
        /// It does not run. Key `disabled`, which is always `true`.
        case disabled
    }

    /// The filter's name.
    ///
    /// Required; the name of a filter of a listener or route that the rule belongs to. Key `filter`.
    public var filter: String
    /// What becomes of it.
    ///
    /// Required: exactly one of the keys `config` and `disabled`.
    public var change: Change
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(filter: String, change: Change, location: ConfigLocation = .none) {
        self.filter = filter
        self.change = change
        self.location = location
    }
}
