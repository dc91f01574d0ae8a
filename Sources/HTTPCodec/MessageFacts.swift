/// How the end of a body is known (RFC 9112, 6.3).
public enum BodyFraming: Sendable, Equatable {
    /// There is no body.
    case none
    case length(UInt64)
    case chunked
    /// The body ends with the connection; responses only.
    case untilClose

    /// Whether no byte of a body can follow.
    @inlinable
    public var isEmpty: Bool {
        switch self {
        case .none: true
        case .length(let bytes): bytes == 0
        case .chunked, .untilClose: false
        }
    }

    /// The same body for a client of HTTP/1.`minorVersion`: HTTP/1.0 knows no chunks.
    @inlinable
    public func forClient(minorVersion: UInt8) -> BodyFraming {
        self == .chunked && minorVersion == 0 ? .untilClose : self
    }
}

/// What a request's head says about the connection and the body.
public struct RequestFacts: Sendable {
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1; 1 in HTTP/2.
    public var minorVersion: UInt8 = 1
    /// It came over HTTP/2. A body of unknown length then has the framing `.chunked`.
    public var isHTTP2 = false
    public var framing = BodyFraming.none
    /// Whether the client lets the connection be used again.
    public var isKeepAlive = true
    /// Whether the client waits for a 100 before it sends the body.
    public var expectsContinue = false
    /// Whether the client asks to switch to a listed protocol; the block then has one `upgrade` field with
    /// that token alone, and otherwise none.
    public var isUpgrade = false
    /// Which of the parser's tokens it is.
    public var upgradeIndex = 0
    public var isConnect = false
    /// The request to switch came as an extended CONNECT (RFC 8441): the block looks like HTTP/1's `GET` with
    /// `upgrade`, a success is 200 instead of 101, and the tunnel is the stream.
    public var isExtendedConnect = false
    public var isHead = false

    public init() {}
}

/// What a response's head says about the connection and the body.
public struct ResponseFacts: Sendable {
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1; 1 in HTTP/2.
    public var minorVersion: UInt8 = 1
    /// It came over HTTP/2. A body of unknown length then has the framing `.chunked`.
    public var isHTTP2 = false
    public var framing = BodyFraming.none
    /// Whether the service lets the connection be used again after this response.
    public var isKeepAlive = true
    /// A 101 that names the protocol asked for, or a 2xx to an extended CONNECT: a tunnel from here on.
    public var isUpgrade = false
    /// An upgrade, or a 2xx to CONNECT: whatever follows is no HTTP.
    public var isTunnel = false
    /// A 1xx that another response follows.
    public var isInformational = false

    public init() {}
}

/// How far the parser of a head came.
public enum HeadResult: Sendable, Equatable {
    /// The head takes that many of the bytes given; the body, if any, begins behind them.
    case complete(bytes: Int)
    /// Call again with the same bytes and more.
    case incomplete
    /// The message is refused; nothing after it on the connection can be trusted.
    case failed(HTTPError)
}
