public import GatewayConfig
public import HTTPCodec
internal import Primitives

/// How HTTP/2 is spoken to a service; times in nanoseconds.
struct HTTP2ServicePlan {
    let settings: HTTP2Settings
    /// The most requests at once on one connection.
    let maxStreams: Int
    /// Of silence until the service is asked by PING, 0 for never; for its answer.
    let keepAliveInterval, keepAliveTimeout: UInt64

    init(_ options: HTTP2Options) {
        var settings = HTTP2Settings()
        settings.streamWindow = options.streamWindow.bytes
        settings.connectionWindow = options.connectionWindow.bytes
        settings.flood = HTTP2FloodLimits(options.floodLimits)
        self.settings = settings
        self.maxStreams = options.maxConcurrentStreams
        self.keepAliveInterval = options.keepAliveInterval?.nanoseconds ?? 0
        self.keepAliveTimeout = options.keepAliveTimeout.nanoseconds
    }
}

extension HTTP2FloodLimits {
    /// As a listener or a service has them.
    public init(_ options: HTTP2FloodOptions) {
        self.init()
        self.control = options.controlFrames
        self.resets = options.resets
        self.continuations = options.continuations
        self.unsentBytes = options.unreadReplies.bytes
    }
}
