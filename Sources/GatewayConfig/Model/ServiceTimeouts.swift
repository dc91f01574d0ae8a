/// How long a service may take before the client is answered with 504 (or 503, when none connects).
public struct ServiceTimeouts: Sendable, Hashable {
    /// To accept a connection.
    ///
    /// Default 1s; 1ms...24h. Key `connect`.
    public var connect: Duration
    /// From the request's head to the response's end; nil: for ever. A rule's `timeout` takes its place.
    ///
    /// Default for ever; 1ms...24h. Key `request`.
    public var request: Duration?
    /// The longest pause without a byte in either direction during an exchange.
    ///
    /// Default 300s; 1ms...24h. Key `idle`.
    public var idle: Duration

    public init(connect: Duration = .seconds(1), request: Duration? = nil, idle: Duration = .seconds(300)) {
        self.connect = connect
        self.request = request
        self.idle = idle
    }
}
