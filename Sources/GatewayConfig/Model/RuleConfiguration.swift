/// Which requests of a route, and what is done with them.
public struct RuleConfiguration: Sendable {
    /// The requests; all conditions must hold.
    ///
    /// Default every request. Key `match`.
    public var match: RuleMatch
    /// Filters of this rule, after the listener's and the route's.
    ///
    /// Default none. Key `filters`.
    public var filters: [FilterConfiguration]
    /// Changes to filters of the listener or the route for this rule alone.
    ///
    /// Default none; one for each filter at most. Key `filterConfig`.
    public var filterOverrides: [FilterOverride]
    /// The longest time from the request's head to the response's end; nil: the service's `timeouts.request`.
    ///
    /// Default the service's; 1ms...24h. Key `timeout`.
    public var timeout: Duration?
    /// When the request is sent to the service again; nil: only where that is always safe.
    ///
    /// Default none. Key `retry`.
    public var retry: RetryPolicy?
    /// Where the request goes or what it is answered with.
    ///
    /// Required: exactly one of the keys `service`, `split`, `redirect` and `directResponse`.
    public var action: RuleAction
    /// What the service sees in place of the path and host that were asked for.
    ///
    /// Default nothing. Key `rewrite`.
    public var rewrite: Rewrite
    /// Changes to the fields that the service sees.
    ///
    /// Default none. Key `requestHeaders`.
    public var requestHeaders: HeaderChanges
    /// Changes to the fields that the client sees.
    ///
    /// Default none. Key `responseHeaders`.
    public var responseHeaders: HeaderChanges
    /// Facts about the rule for filters to read: an object of objects, by the filter's name.
    ///
    /// Default none. Key `metadata`.
    public var metadata: ConfigNode
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        match: RuleMatch = RuleMatch(),
        filters: [FilterConfiguration] = [],
        filterOverrides: [FilterOverride] = [],
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil,
        action: RuleAction,
        rewrite: Rewrite = Rewrite(),
        requestHeaders: HeaderChanges = HeaderChanges(),
        responseHeaders: HeaderChanges = HeaderChanges(),
        metadata: ConfigNode = ConfigNode(.object([])),
        location: ConfigLocation = .none
    ) {
        self.match = match
        self.filters = filters
        self.filterOverrides = filterOverrides
        self.timeout = timeout
        self.retry = retry
        self.action = action
        self.rewrite = rewrite
        self.requestHeaders = requestHeaders
        self.responseHeaders = responseHeaders
        self.metadata = metadata
        self.location = location
    }
}
