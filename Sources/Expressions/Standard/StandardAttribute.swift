/// The attributes of the standard manifest: Istio's vocabulary, and what Postern offers beyond it.
///
/// A case's ``id`` is its place in the manifest, so that a bag can switch over cases.
public enum StandardAttribute: UInt32, CaseIterable, Sendable {
    case sourceUID, sourceIP, sourceAddress, sourcePort, sourceLabels, sourceName, sourceNamespace,
        sourcePrincipal, sourceOwner, sourceWorkloadUID, sourceWorkloadName, sourceWorkloadNamespace
    case destinationUID, destinationIP, destinationPort, destinationLabels, destinationName,
        destinationNamespace, destinationPrincipal, destinationOwner, destinationWorkloadUID,
        destinationWorkloadName, destinationWorkloadNamespace, destinationContainerName,
        destinationContainerImage, destinationServiceHost, destinationServiceUID, destinationServiceName,
        destinationServiceNamespace
    case originIP
    case requestHeaders, requestID, requestPath, requestURLPath, requestQuery, requestQueryParams,
        requestOriginalPath, requestHost, requestMethod, requestProtocol, requestReason, requestReferer,
        requestScheme, requestSize, requestTotalSize, requestTime, requestUseragent, requestAuthPrincipal,
        requestAuthAudiences, requestAuthPresenter, requestAuthClaims, requestAPIKey
    case responseHeaders, responseSize, responseTotalSize, responseTime, responseDuration, responseCode,
        responseCodeDetails, responseFlags, responseGRPCStatus, responseGRPCMessage
    case connectionID, connectionEvent, connectionReceivedBytes, connectionReceivedBytesTotal,
        connectionSentBytes, connectionSentBytesTotal, connectionDuration, connectionMTLS,
        connectionRequestedServerName, connectionLocalAddress, connectionRemoteAddress, connectionTLSVersion,
        connectionTLSCipher, connectionSubjectPeerCertificate, connectionURISANPeerCertificate,
        connectionDNSSANPeerCertificate, connectionSHA256PeerCertificateDigest,
        connectionSerialNumberPeerCertificate, connectionSubjectLocalCertificate,
        connectionURISANLocalCertificate, connectionDNSSANLocalCertificate
    case contextProtocol, contextTime, contextReporterKind, contextReporterUID, contextProxyErrorCode
    case apiService, apiVersion, apiOperation, apiProtocol
    case checkErrorCode, checkErrorMessage, checkCacheHit
    case quotaCacheHit
    case listenerName
    case routeName
    case upstreamAddress
    case posternNode, posternVersion, posternWorker, posternAttempts, posternTraceID, posternSpanID,
        posternParentSpanID, posternUpstreamServiceTime, posternGRPCStatusName
}
