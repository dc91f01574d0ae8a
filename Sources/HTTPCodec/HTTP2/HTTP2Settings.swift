/// What one side of an HTTP/2 connection allows the other, and how much of it may be wrong.
public struct HTTP2Settings: Sendable, Hashable {
    /// The largest frame that is taken, in bytes; RFC 9113's default, and enough: a larger one gains nothing
    /// that was measured.
    public static let maxFrameSize = 16_384

    /// Streams that the peer may have open at a time; default 100, range 1...65,536.
    public var maxConcurrentStreams = 100
    /// Bytes of a body that the peer may send ahead on one stream; default 262,144, range
    /// 1,024...1,073,741,824.
    public var streamWindow = 262_144
    /// The same for all streams of the connection together; default 1,048,576, range
    /// 65,535...1,073,741,824. What paused streams keep counts against a client, and so bounds what one
    /// connection can make us keep; it does not count against a service.
    public var connectionWindow = 1_048_576
    /// Bytes of HPACK table that the peer may use; default 4,096, range 0...65,536.
    public var headerTableSize = 4096
    /// Bounds a decoded head: each field counts its bytes and 32 (RFC 9113, 6.5.2).
    public var head = HeadLimits()
    /// Let `CONNECT` pass; default false: it is answered with 405.
    public var allowConnect = false
    /// Protocols that extended CONNECT (RFC 8441) may ask for; the same list as the HTTP/1 parser's. When
    /// empty, the extension is not offered.
    public var upgradeTokens = ["websocket"]
    /// Unsent bytes in the connection's output beyond which no DATA is added; default 262,144, range
    /// 16,384...16,777,216.
    public var outputLimit = 262_144
    public var flood = HTTP2FloodLimits()
    /// Unsent bytes in the connection's output beyond which a client is no longer read.
    var unsentLimit: Int { self.outputLimit &+ self.flood.unsentBytes }

    public init() {}
}

/// How many frames that carry nothing a peer may send before the connection is ended with ENHANCE_YOUR_CALM.
///
/// Each is a budget that useful frames and time fill up again, so that a long-lived connection never runs
/// out of it.
public struct HTTP2FloodLimits: Sendable, Hashable {
    /// PING, SETTINGS, PRIORITY, WINDOW_UPDATE, frames of unknown type, DATA and CONTINUATION without bytes;
    /// default 1,000, range 10...1,000,000. A stream gives back 20, a DATA frame either way 4, a second 100.
    public var control = 1000
    /// Streams that the peer resets before our response began, or whose rules it breaks so that we reset
    /// them; default 200, range 1...1,000,000. A stream that ends as it should gives back 1, a second 20.
    public var resets = 200
    /// Bytes of control frames that may wait for a peer that does not read; default 65,536, range
    /// 1,024...16,777,216.
    public var unsentBytes = 65_536
    /// CONTINUATION frames of one head; default 64, range 1...65,536.
    public var continuations = 64

    public init() {}
}
