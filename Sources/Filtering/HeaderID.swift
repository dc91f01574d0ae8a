/// A well-known field name as a small number, so that a look-up compares no text.
///
/// ``other`` stands for every name that is not in the list. Values are this process's own: they go to no
/// wire, and the plugin ABI has its own numbers (`postern_http_filter.h`).
public struct HeaderID: Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt8

    @inlinable
    init(_ rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var other: HeaderID { HeaderID(0) }

    /// The well-known name with that number; nil for 0 and for numbers that are not in use.
    @inlinable
    public init?(wellKnown number: UInt32) {
        guard number >= 1, number <= 43 else { return nil }
        self.rawValue = UInt8(number)
    }
}

// One line a name; the number is below 64, so that a block keeps the set of its names in one word.
extension HeaderID {
    @inlinable public static var host: HeaderID { HeaderID(1) }
    @inlinable public static var contentLength: HeaderID { HeaderID(2) }
    @inlinable public static var transferEncoding: HeaderID { HeaderID(3) }
    @inlinable public static var connection: HeaderID { HeaderID(4) }
    @inlinable public static var keepAlive: HeaderID { HeaderID(5) }
    @inlinable public static var proxyConnection: HeaderID { HeaderID(6) }
    @inlinable public static var upgrade: HeaderID { HeaderID(7) }
    @inlinable public static var te: HeaderID { HeaderID(8) }
    @inlinable public static var trailer: HeaderID { HeaderID(9) }
    @inlinable public static var http2Settings: HeaderID { HeaderID(10) }
    @inlinable public static var expect: HeaderID { HeaderID(11) }
    @inlinable public static var via: HeaderID { HeaderID(12) }
    @inlinable public static var xForwardedFor: HeaderID { HeaderID(13) }
    @inlinable public static var xForwardedProto: HeaderID { HeaderID(14) }
    @inlinable public static var xForwardedHost: HeaderID { HeaderID(15) }
    @inlinable public static var xRequestID: HeaderID { HeaderID(16) }
    @inlinable public static var traceparent: HeaderID { HeaderID(17) }
    @inlinable public static var tracestate: HeaderID { HeaderID(18) }
    @inlinable public static var authorization: HeaderID { HeaderID(19) }
    @inlinable public static var proxyAuthorization: HeaderID { HeaderID(20) }
    @inlinable public static var cookie: HeaderID { HeaderID(21) }
    @inlinable public static var setCookie: HeaderID { HeaderID(22) }
    @inlinable public static var userAgent: HeaderID { HeaderID(23) }
    @inlinable public static var accept: HeaderID { HeaderID(24) }
    @inlinable public static var acceptEncoding: HeaderID { HeaderID(25) }
    @inlinable public static var acceptLanguage: HeaderID { HeaderID(26) }
    @inlinable public static var contentType: HeaderID { HeaderID(27) }
    @inlinable public static var contentEncoding: HeaderID { HeaderID(28) }
    @inlinable public static var cacheControl: HeaderID { HeaderID(29) }
    @inlinable public static var date: HeaderID { HeaderID(30) }
    @inlinable public static var server: HeaderID { HeaderID(31) }
    @inlinable public static var location: HeaderID { HeaderID(32) }
    @inlinable public static var etag: HeaderID { HeaderID(33) }
    @inlinable public static var vary: HeaderID { HeaderID(34) }
    @inlinable public static var lastModified: HeaderID { HeaderID(35) }
    @inlinable public static var ifNoneMatch: HeaderID { HeaderID(36) }
    @inlinable public static var ifModifiedSince: HeaderID { HeaderID(37) }
    @inlinable public static var range: HeaderID { HeaderID(38) }
    @inlinable public static var referer: HeaderID { HeaderID(39) }
    @inlinable public static var origin: HeaderID { HeaderID(40) }
    @inlinable public static var retryAfter: HeaderID { HeaderID(41) }
    @inlinable public static var wwwAuthenticate: HeaderID { HeaderID(42) }
    @inlinable public static var xAPIKey: HeaderID { HeaderID(43) }
}
