/// Where connections go that carry no HTTP, or are not looked into.
public struct TCPRouteConfiguration: Sendable {
    /// What metrics, logs and problems call it.
    ///
    /// Required; `[A-Za-z0-9._-]`, at most 64 characters. Key `name`.
    public var name: String
    /// The names of the listeners it serves, of `protocol: tcp` or `auto`; nil: all of these.
    ///
    /// Default all. Key `listeners`.
    public var listeners: [String]?
    /// What is done with a connection; the first rule that matches, in this order, wins.
    ///
    /// Required; at least one. Key `rules`.
    public var rules: [TCPRuleConfiguration]
    /// How long a connection may take.
    ///
    /// Key `timeouts`.
    public var timeouts: TCPTimeouts
    /// How many connections there may be.
    ///
    /// Key `limits`.
    public var limits: TCPLimits
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        name: String,
        listeners: [String]? = nil,
        rules: [TCPRuleConfiguration],
        timeouts: TCPTimeouts = TCPTimeouts(),
        limits: TCPLimits = TCPLimits(),
        location: ConfigLocation = .none
    ) {
        self.name = name
        self.listeners = listeners
        self.rules = rules
        self.timeouts = timeouts
        self.limits = limits
        self.location = location
    }
}
