internal import Primitives

/// Why a response is what it is, beyond its status: Envoy's response flags with their short names.
public struct ResponseFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// UH: no endpoint of the service is healthy.
    public static let noHealthyUpstream = Self(rawValue: 1 << 0)
    /// UF: connecting to the endpoint failed.
    public static let upstreamConnectionFailure = Self(rawValue: 1 << 1)
    /// UO: a limit of connections or requests to the service was reached.
    public static let upstreamOverflow = Self(rawValue: 1 << 2)
    /// NR: no route matched.
    public static let noRoute = Self(rawValue: 1 << 3)
    /// URX: the limit of retries or of connection attempts was reached.
    public static let upstreamRetryLimitExceeded = Self(rawValue: 1 << 4)
    /// NC: the route names a service that does not exist.
    public static let noCluster = Self(rawValue: 1 << 5)
    /// DT: the exchange or connection exceeded its longest duration.
    public static let durationTimeout = Self(rawValue: 1 << 6)
    /// DC: the client closed the connection.
    public static let downstreamConnectionTermination = Self(rawValue: 1 << 7)
    /// LH: the service failed a health check.
    public static let failedLocalHealthCheck = Self(rawValue: 1 << 8)
    /// UT: the service did not answer in time.
    public static let upstreamRequestTimeout = Self(rawValue: 1 << 9)
    /// LR: Postern reset the connection or stream.
    public static let localReset = Self(rawValue: 1 << 10)
    /// UR: the service reset the stream.
    public static let upstreamRemoteReset = Self(rawValue: 1 << 11)
    /// UC: the service closed the connection.
    public static let upstreamConnectionTermination = Self(rawValue: 1 << 12)
    /// DI: a delay was injected.
    public static let delayInjected = Self(rawValue: 1 << 13)
    /// FI: an abort was injected.
    public static let faultInjected = Self(rawValue: 1 << 14)
    /// RL: a rate limit refused the request.
    public static let rateLimited = Self(rawValue: 1 << 15)
    /// UAEX: an authorisation filter or service refused the request.
    public static let unauthorized = Self(rawValue: 1 << 16)
    /// RLSE: the rate limit could not be asked.
    public static let rateLimitServiceError = Self(rawValue: 1 << 17)
    /// IH: a header field had a value that is not allowed.
    public static let invalidRequestHeaders = Self(rawValue: 1 << 18)
    /// SI: the stream was idle for too long.
    public static let streamIdleTimeout = Self(rawValue: 1 << 19)
    /// DPE: the request broke the protocol.
    public static let downstreamProtocolError = Self(rawValue: 1 << 20)
    /// UPE: the response broke the protocol.
    public static let upstreamProtocolError = Self(rawValue: 1 << 21)
    /// UMSDR: the exchange reached its longest duration.
    public static let maximumStreamDurationReached = Self(rawValue: 1 << 22)
    /// NFCF: no configuration for a filter arrived.
    public static let noFilterConfiguration = Self(rawValue: 1 << 23)
    /// OM: the overload manager ended the request.
    public static let overloadManager = Self(rawValue: 1 << 24)
    /// DF: the service's name could not be resolved.
    public static let dnsResolutionFailed = Self(rawValue: 1 << 25)
    /// DO: the service is in drop overload.
    public static let dropOverload = Self(rawValue: 1 << 26)
    /// DR: the client reset the stream.
    public static let downstreamRemoteReset = Self(rawValue: 1 << 27)

    static let shortNames: [StaticString] = [
        "UH", "UF", "UO", "NR", "URX", "NC", "DT", "DC", "LH", "UT", "LR", "UR", "UC", "DI", "FI", "RL",
        "UAEX",
        "RLSE", "IH", "SI", "DPE", "UPE", "UMSDR", "NFCF", "OM", "DF", "DO", "DR",
    ]

    /// Appends the short names, joined by ",", or "-" when no flag is set.
    func append(to buffer: ByteBuffer) {
        if self.isEmpty { return buffer.append("-") }
        var isFirst = true
        for (bit, name) in Self.shortNames.enumerated() where self.rawValue & (1 << UInt32(bit)) != 0 {
            if !isFirst { buffer.append(",") }
            buffer.append(name)
            isFirst = false
        }
    }

    /// The short names joined by ","; "-" when no flag is set. Allocates.
    public var shortNames: String {
        let buffer = ByteBuffer(capacity: 32)
        self.append(to: buffer)
        return buffer.view.string
    }
}
