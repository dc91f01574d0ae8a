public import HTTPCodec

/// Why a service did not answer a request. Compare ``code`` only; ``retry`` says whether another try is safe.
public struct UpstreamError: Error, Sendable {
    public enum Code: Sendable, Equatable {
        /// The service has no endpoint that can be tried.
        case noEndpoint
        /// Its endpoints are names, and nobody could say yet what they are.
        case nameUnresolved
        /// Every connection is in use and none became free in time, or too many requests wait already.
        case poolFull
        /// The connect was refused or otherwise failed with this `errno`.
        case connectFailed(Int32)
        case connectTimedOut
        /// TLS could not be agreed on, or the service's certificate is not believed; says why.
        case tlsFailed(String)
        /// The connection was closed or reset, `errno` or 0, before a whole response.
        case closed(Int32)
        /// The service gave the request up, RST_STREAM of HTTP/2, before a whole response.
        case reset(HTTP2ErrorCode)
        /// The service cannot switch protocols: it does not offer extended CONNECT (RFC 8441).
        case upgradeRefused
        /// The response is not HTTP.
        case badResponse(HTTPError)
        /// Neither the request nor the response went on in time.
        case idleTimedOut
    }

    /// Whether the request may be sent again, seen from the connection; the request itself must allow it too.
    public enum Retry: Sendable { case never, ifIdempotent, always }

    public let code: Code
    public let retry: Retry

    public init(_ code: Code, retry: Retry = .never) {
        self.code = code
        self.retry = retry
    }
}
