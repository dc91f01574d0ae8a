/// Why a request is sent again; the names are Envoy's.
public enum RetryCondition: String, Sendable, Hashable, CaseIterable {
    /// The service could not be connected to.
    case connectFailure = "connect-failure"
    /// The service has refused the stream, before it has looked at the request.
    case refusedStream = "refused-stream"
    /// The connection was closed or reset, or did not answer in time, before a response began.
    case reset
    /// A status of 500 or more, or no response at all.
    case serverError = "5xx"
    /// 502, 503 or 504, or no answer within `perTryTimeout`.
    case gatewayError = "gateway-error"
    /// 409.
    case retriable4xx = "retriable-4xx"
    // Of gRPC, in a response without a message.
    case cancelled
    case deadlineExceeded = "deadline-exceeded"
    case `internal`
    case resourceExhausted = "resource-exhausted"
    case unavailable
}
