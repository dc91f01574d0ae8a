/// Hosts, and the rules for requests to them.
public struct RouteConfiguration: Sendable {
    /// What metrics, logs and problems call it.
    ///
    /// Required; `[A-Za-z0-9._-]`, at most 64 characters. Key `name`.
    public var name: String
    /// The hosts, in lower case and without a port: exact (`a.example.com`), below a domain (`*.example.com`)
    /// or any (`*`).
    ///
    /// Default `["*"]`; at least one. Key `hosts`.
    public var hosts: [String]
    /// The names of the listeners it serves; nil: all.
    ///
    /// Default all. Key `listeners`.
    public var listeners: [String]?
    /// Filters of every rule here, after the listener's.
    ///
    /// Default none. Key `filters`.
    public var filters: [FilterConfiguration]
    /// What is done with a request; the first rule that matches, in this order, wins.
    ///
    /// Required; at least one. Key `rules`.
    public var rules: [RuleConfiguration]
    /// Facts about the route for filters to read: an object of objects, by the filter's name.
    ///
    /// Default none. Key `metadata`.
    public var metadata: ConfigNode
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        name: String,
        hosts: [String] = ["*"],
        listeners: [String]? = nil,
        filters: [FilterConfiguration] = [],
        rules: [RuleConfiguration],
        metadata: ConfigNode = ConfigNode(.object([])),
        location: ConfigLocation = .none
    ) {
        self.name = name
        self.hosts = hosts
        self.listeners = listeners
        self.filters = filters
        self.rules = rules
        self.metadata = metadata
        self.location = location
    }
}
