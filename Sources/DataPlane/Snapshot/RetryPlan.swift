internal import GatewayConfig
internal import HTTPCodec
internal import Primitives
internal import Telemetry
internal import Upstreams

/// A rule's `retry`, ready to be looked at for every response.
struct RetryPlan: Sendable {
    let attempts: Int
    /// Nanoseconds until the head of an attempt's response; 0: no limit.
    let perTryTimeout: UInt64
    private let conditions: Set<RetryCondition>
    /// Bits by number of gRPC's status.
    private let grpcStatuses: UInt32

    init(_ policy: RetryPolicy) {
        self.attempts = policy.attempts
        self.perTryTimeout = policy.perTryTimeout?.nanoseconds ?? 0
        self.conditions = Set(policy.retryOn)
        self.grpcStatuses = policy.retryOn.reduce(0) { bits, condition in
            guard let status = Self.grpcStatus(condition) else { return bits }
            return bits | 1 << UInt32(status.rawValue)
        }
    }

    private static func grpcStatus(_ condition: RetryCondition) -> GRPCStatus? {
        switch condition {
        case .cancelled: .cancelled
        case .deadlineExceeded: .deadlineExceeded
        case .internal: .internal
        case .resourceExhausted: .resourceExhausted
        case .unavailable: .unavailable
        case .connectFailure, .refusedStream, .reset, .serverError, .gatewayError, .retriable4xx: nil
        }
    }

    /// Whether a response with this status is to be tried again.
    func repeats(status: Int) -> Bool {
        switch status {
        case 409: self.conditions.contains(.retriable4xx)
        case 502, 503, 504:
            self.conditions.contains(.gatewayError) || self.conditions.contains(.serverError)
        case 500...: self.conditions.contains(.serverError)
        default: false
        }
    }

    /// Whether a response without a message that has this `grpc-status` is to be tried again.
    func repeats(_ status: GRPCStatus) -> Bool { self.grpcStatuses & 1 << UInt32(status.rawValue) != 0 }

    /// Whether an attempt that has brought no response is to be followed by another.
    func repeats(_ error: UpstreamError) -> Bool {
        switch error.code {
        case .connectFailed, .connectTimedOut, .tlsFailed: self.has(.connectFailure, .serverError)
        case .reset(.refusedStream): self.has(.refusedStream, .serverError)
        case .reset, .closed, .badResponse:
            // What a service has not looked at it has refused.
            error.retry == .always
                ? self.has(.refusedStream, .reset, .serverError) : self.has(.reset, .serverError)
        case .idleTimedOut: self.has(.reset, .serverError, .gatewayError)
        case .noEndpoint, .nameUnresolved, .poolFull, .upgradeRefused: false
        }
    }

    /// Whether an attempt that took too long is to be followed by another.
    var repeatsSlowAttempt: Bool { self.has(.reset, .serverError, .gatewayError) }

    private func has(_ wanted: RetryCondition...) -> Bool { wanted.contains { self.conditions.contains($0) } }
}
