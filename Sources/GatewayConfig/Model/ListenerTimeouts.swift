/// How long a client may take before its connection is closed.
public struct ListenerTimeouts: Sendable, Hashable {
    /// From a request's first byte to the end of its head; from the connection's beginning to the end of its
    /// PROXY header, and to what tells where a TCP connection goes.
    ///
    /// Default 10s; 1ms...24h. Key `header`.
    public var header: Duration
    /// The longest pause within a request's body.
    ///
    /// Default 60s; 1ms...24h. Key `body`.
    public var body: Duration
    /// The longest pause between two requests.
    ///
    /// Default 60s; 1ms...24h. Key `idle`.
    public var idle: Duration
    /// How long a client of an `auto` listener may be silent before it is taken for one that waits for the
    /// service to speak; nil: for ever.
    ///
    /// Default for ever; 1ms...24h. Key `detection`.
    public var detection: Duration?

    public init(
        header: Duration = .seconds(10), body: Duration = .seconds(60), idle: Duration = .seconds(60),
        detection: Duration? = nil
    ) {
        self.header = header
        self.body = body
        self.idle = idle
        self.detection = detection
    }
}
