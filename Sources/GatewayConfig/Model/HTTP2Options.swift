public import Primitives

/// How HTTP/2 is spoken on a listener's or a service's connections.
public struct HTTP2Options: Sendable, Hashable {
    /// The most streams open at once on one connection; a service may allow fewer.
    ///
    /// Default 100; 1...65535. Key `maxConcurrentStreams`.
    public var maxConcurrentStreams: Int
    /// How much of a body the peer may send ahead on one stream.
    ///
    /// Default 256 KiB; 64KiB...16MiB. Key `streamWindow`.
    public var streamWindow: ByteCount
    /// How much the peer may send ahead on one connection.
    ///
    /// Of a client it includes what a slow service has not taken, and so bounds what one connection can make
    /// us keep. Of a service it does not include what slow clients have not taken: other clients use that
    /// connection, too, and ``streamWindow`` alone bounds what each can make us keep.
    ///
    /// Default 1 MiB; 64KiB...256MiB, at least `streamWindow`. Key `connectionWindow`.
    public var connectionWindow: ByteCount
    /// When the peer has said nothing for this long, it is asked by PING.
    ///
    /// Default never; 1s...24h. Key `keepAliveInterval`.
    public var keepAliveInterval: Duration?
    /// How long the peer may take to answer that.
    ///
    /// Default 20s; 1ms...24h. Key `keepAliveTimeout`.
    public var keepAliveTimeout: Duration
    /// What ends a connection that floods. Key `floodLimits`.
    public var floodLimits: HTTP2FloodOptions

    public init(
        maxConcurrentStreams: Int = 100,
        streamWindow: ByteCount = .kibibytes(256),
        connectionWindow: ByteCount = .mebibytes(1),
        keepAliveInterval: Duration? = nil,
        keepAliveTimeout: Duration = .seconds(20),
        floodLimits: HTTP2FloodOptions = HTTP2FloodOptions()
    ) {
        self.maxConcurrentStreams = maxConcurrentStreams
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
        self.keepAliveInterval = keepAliveInterval
        self.keepAliveTimeout = keepAliveTimeout
        self.floodLimits = floodLimits
    }
}
