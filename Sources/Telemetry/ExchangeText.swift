public import Primitives

/// The texts of one exchange, lent to ``RecordRing`` for the length of one call; absent ones stay empty.
public struct ExchangeText {
    public var method: ByteView = .empty
    /// Path with query, as the client sent it.
    public var path: ByteView = .empty
    public var authority: ByteView = .empty
    public var userAgent: ByteView = .empty
    public var requestID: ByteView = .empty
    public var forwardedFor: ByteView = .empty
    /// Why the response is what it is: `via_upstream`, `route_not_found` or what a filter said.
    public var details: ByteView = .empty
    /// Address and port of the endpoint.
    public var upstreamHost: ByteView = .empty
    public var upstreamLocalAddress: ByteView = .empty
    /// Address and port of the client.
    public var downstreamRemoteAddress: ByteView = .empty
    /// Address and port that the client connected to.
    public var downstreamLocalAddress: ByteView = .empty
    /// SNI of the client.
    public var serverName: ByteView = .empty

    public init() {}
}

/// One of the texts of a record that is read back.
public enum ExchangeField: Int, Sendable {
    case method, path, authority, userAgent, requestID, forwardedFor, details, upstreamHost,
        upstreamLocalAddress
    case downstreamRemoteAddress, downstreamLocalAddress, serverName

    /// How many there are.
    static var count: Int { 12 }
    /// All limits together; a literal, because a stored static is initialised lazily, with a check at each
    /// use.
    static var limits: Int { 7456 }

    /// The most bytes that are kept; the rest is cut off and marked.
    @inline(__always) var limit: Int {
        switch self {
        case .method: 32
        case .path: 4096
        case .userAgent, .forwardedFor: 1024
        case .authority, .serverName: 256
        default: 128
        }
    }
}
