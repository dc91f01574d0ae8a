extension StandardAttribute {
    /// The type in the manifest.
    public var type: AttributeType {
        switch self {
        case .sourcePort, .destinationPort, .requestSize, .requestTotalSize, .responseSize,
            .responseTotalSize, .responseCode, .connectionID, .connectionReceivedBytes,
            .connectionReceivedBytesTotal,
            .connectionSentBytes, .connectionSentBytesTotal, .checkErrorCode, .posternWorker,
            .posternAttempts:
            .int64
        case .connectionMTLS, .checkCacheHit, .quotaCacheHit: .bool
        case .requestTime, .responseTime, .contextTime: .timestamp
        case .responseDuration, .connectionDuration, .posternUpstreamServiceTime: .duration
        case .sourceIP, .destinationIP, .originIP: .ipAddress
        case .sourceLabels, .destinationLabels, .requestHeaders, .requestQueryParams, .requestAuthClaims,
            .responseHeaders:
            .stringMap
        default: .string
        }
    }
}
