public import CPosternABI

/// A field name as a number, so that a look-up compares no text.
///
/// Well-known names are here; ``FilterHost/headerName(_:at:)`` gives a number to any other while a
/// configuration is made.
public struct HeaderName: Sendable, Hashable {
    @usableFromInline let id: postern_header

    @inlinable
    init(_ id: postern_header) { self.id = id }
}

// One line a name, in the order of `postern_header` in postern_http_filter.h.
extension HeaderName {
    /// `host`
    @inlinable public static var host: Self { Self(1) }
    /// `content-length`
    @inlinable public static var contentLength: Self { Self(2) }
    /// `transfer-encoding`
    @inlinable public static var transferEncoding: Self { Self(3) }
    /// `connection`
    @inlinable public static var connection: Self { Self(4) }
    /// `keep-alive`
    @inlinable public static var keepAlive: Self { Self(5) }
    /// `proxy-connection`
    @inlinable public static var proxyConnection: Self { Self(6) }
    /// `upgrade`
    @inlinable public static var upgrade: Self { Self(7) }
    /// `te`
    @inlinable public static var te: Self { Self(8) }
    /// `trailer`
    @inlinable public static var trailer: Self { Self(9) }
    /// `http2-settings`
    @inlinable public static var http2Settings: Self { Self(10) }
    /// `expect`
    @inlinable public static var expect: Self { Self(11) }
    /// `via`
    @inlinable public static var via: Self { Self(12) }
    /// `x-forwarded-for`
    @inlinable public static var xForwardedFor: Self { Self(13) }
    /// `x-forwarded-proto`
    @inlinable public static var xForwardedProto: Self { Self(14) }
    /// `x-forwarded-host`
    @inlinable public static var xForwardedHost: Self { Self(15) }
    /// `x-request-id`
    @inlinable public static var xRequestID: Self { Self(16) }
    /// `traceparent`
    @inlinable public static var traceparent: Self { Self(17) }
    /// `tracestate`
    @inlinable public static var tracestate: Self { Self(18) }
    /// `authorization`
    @inlinable public static var authorization: Self { Self(19) }
    /// `proxy-authorization`
    @inlinable public static var proxyAuthorization: Self { Self(20) }
    /// `cookie`
    @inlinable public static var cookie: Self { Self(21) }
    /// `set-cookie`
    @inlinable public static var setCookie: Self { Self(22) }
    /// `user-agent`
    @inlinable public static var userAgent: Self { Self(23) }
    /// `accept`
    @inlinable public static var accept: Self { Self(24) }
    /// `accept-encoding`
    @inlinable public static var acceptEncoding: Self { Self(25) }
    /// `accept-language`
    @inlinable public static var acceptLanguage: Self { Self(26) }
    /// `content-type`
    @inlinable public static var contentType: Self { Self(27) }
    /// `content-encoding`
    @inlinable public static var contentEncoding: Self { Self(28) }
    /// `cache-control`
    @inlinable public static var cacheControl: Self { Self(29) }
    /// `date`
    @inlinable public static var date: Self { Self(30) }
    /// `server`
    @inlinable public static var server: Self { Self(31) }
    /// `location`
    @inlinable public static var location: Self { Self(32) }
    /// `etag`
    @inlinable public static var eTag: Self { Self(33) }
    /// `vary`
    @inlinable public static var vary: Self { Self(34) }
    /// `last-modified`
    @inlinable public static var lastModified: Self { Self(35) }
    /// `if-none-match`
    @inlinable public static var ifNoneMatch: Self { Self(36) }
    /// `if-modified-since`
    @inlinable public static var ifModifiedSince: Self { Self(37) }
    /// `range`
    @inlinable public static var range: Self { Self(38) }
    /// `referer`
    @inlinable public static var referer: Self { Self(39) }
    /// `origin`
    @inlinable public static var origin: Self { Self(40) }
    /// `retry-after`
    @inlinable public static var retryAfter: Self { Self(41) }
    /// `www-authenticate`
    @inlinable public static var wwwAuthenticate: Self { Self(42) }
    /// `x-api-key`
    @inlinable public static var xAPIKey: Self { Self(43) }
}
