public import Expressions

extension MixerBag {
    /// What the gateway can ever know of an exchange or a connection. All others are absent for good, but for
    /// those that adapters make.
    public static let available: Set<AttributeID> = Set(
        [
            StandardAttribute.sourceIP, .sourceAddress, .sourcePort, .sourcePrincipal, .destinationIP,
            .destinationPort, .destinationServiceName, .originIP, .requestHeaders, .requestID, .requestPath,
            .requestURLPath, .requestQuery, .requestOriginalPath, .requestHost, .requestMethod,
            .requestProtocol, .requestReferer, .requestScheme, .requestSize, .requestTime, .requestUseragent,
            .requestAPIKey, .responseHeaders, .responseSize, .responseTime, .responseDuration, .responseCode,
            .responseCodeDetails, .responseFlags, .responseGRPCStatus, .connectionID, .connectionMTLS,
            .connectionRequestedServerName, .connectionLocalAddress, .connectionRemoteAddress,
            .connectionTLSVersion, .connectionTLSCipher, .connectionSubjectPeerCertificate,
            .connectionURISANPeerCertificate, .connectionDNSSANPeerCertificate,
            .connectionSHA256PeerCertificateDigest, .connectionSerialNumberPeerCertificate,
            .connectionSubjectLocalCertificate, .connectionURISANLocalCertificate,
            .connectionDNSSANLocalCertificate, .contextProtocol, .contextTime, .contextReporterKind,
            .apiProtocol, .checkErrorCode, .checkErrorMessage, .checkCacheHit, .listenerName, .routeName,
            .upstreamAddress, .posternVersion, .posternWorker, .posternAttempts, .posternTraceID,
            .posternSpanID, .posternParentSpanID, .posternUpstreamServiceTime, .posternGRPCStatusName,
            .connectionEvent, .connectionReceivedBytes, .connectionReceivedBytesTotal, .connectionSentBytes,
            .connectionSentBytesTotal, .connectionDuration,
        ].map(\.id))
}
