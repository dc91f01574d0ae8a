/// The protocol of a request, as `%PROTOCOL%` shows it.
public enum ExchangeProtocol: UInt8, Sendable {
    case unknown, http10, http11, http2, tcp

    /// As written in an access log; empty when unknown.
    public var name: StaticString {
        switch self {
        case .unknown: ""
        case .http10: "HTTP/1.0"
        case .http11: "HTTP/1.1"
        case .http2: "HTTP/2"
        case .tcp: "TCP"
        }
    }
}

/// The facts of one request and its response, or of one connection; what rules report is made of it.
///
/// Kept by the exchange and filled in as things happen; trivial, so resetting is an assignment.
public struct ExchangeRecord: Sendable {
    /// Calendar time of the request's first byte, in nanoseconds since 1970.
    public var startTime: UInt64 = 0
    /// Marks of the monotonic clock in nanoseconds; 0: did not happen. First byte of the request.
    public var started: UInt64 = 0
    /// Last byte of the request.
    public var requestReceived: UInt64 = 0
    /// First byte sent to the service.
    public var upstreamStarted: UInt64 = 0
    /// First byte of the service's response.
    public var upstreamFirstByte: UInt64 = 0
    /// Last byte of the service's response.
    public var upstreamLastByte: UInt64 = 0
    /// Last byte handed to the client, or the moment of failure.
    public var ended: UInt64 = 0
    /// Bytes of the request's body.
    public var requestBytes: UInt64 = 0
    /// Bytes of the response's body.
    public var responseBytes: UInt64 = 0
    /// The downstream connection.
    public var connectionID: UInt64 = 0
    public var flags: ResponseFlags = []
    /// Response status; 0 when none was sent.
    public var status: UInt16 = 0
    /// How often the request was sent to the service.
    public var attempts: UInt8 = 0
    public var `protocol`: ExchangeProtocol = .unknown
    /// Whether the request's `content-type` is gRPC's.
    public var isGRPC = false
    /// What the client was told of its gRPC call; nil when nothing.
    public var grpcStatus: GRPCStatus?

    public init() {}

    /// Nanoseconds from the request's first byte to the end.
    @inlinable public var duration: UInt64 { self.span(self.started, self.ended) }

    /// Nanoseconds the service took from its first byte sent to its first byte back; nil when there was no
    /// response.
    @inlinable public var upstreamServiceTime: UInt64? {
        self.upstreamFirstByte == 0 ? nil : self.span(self.upstreamStarted, self.upstreamFirstByte)
    }

    @inlinable
    func span(_ start: UInt64, _ end: UInt64) -> UInt64 { end > start ? end - start : 0 }
}
