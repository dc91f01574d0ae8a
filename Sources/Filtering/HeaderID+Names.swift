public import Primitives

// Both directions between names and numbers, without a table in memory: a `switch` becomes a jump, and the
// words of a literal become constants of the instruction. A test holds the two lists against each other.

extension HeaderID {
    /// How many numbers are in use, ``other`` included.
    public static var count: Int { 44 }

    /// The name in lower case; empty for ``other``.
    public var name: StaticString {
        switch self.rawValue {
        case 1: "host"
        case 2: "content-length"
        case 3: "transfer-encoding"
        case 4: "connection"
        case 5: "keep-alive"
        case 6: "proxy-connection"
        case 7: "upgrade"
        case 8: "te"
        case 9: "trailer"
        case 10: "http2-settings"
        case 11: "expect"
        case 12: "via"
        case 13: "x-forwarded-for"
        case 14: "x-forwarded-proto"
        case 15: "x-forwarded-host"
        case 16: "x-request-id"
        case 17: "traceparent"
        case 18: "tracestate"
        case 19: "authorization"
        case 20: "proxy-authorization"
        case 21: "cookie"
        case 22: "set-cookie"
        case 23: "user-agent"
        case 24: "accept"
        case 25: "accept-encoding"
        case 26: "accept-language"
        case 27: "content-type"
        case 28: "content-encoding"
        case 29: "cache-control"
        case 30: "date"
        case 31: "server"
        case 32: "location"
        case 33: "etag"
        case 34: "vary"
        case 35: "last-modified"
        case 36: "if-none-match"
        case 37: "if-modified-since"
        case 38: "range"
        case 39: "referer"
        case 40: "origin"
        case 41: "retry-after"
        case 42: "www-authenticate"
        case 43: "x-api-key"
        default: ""
        }
    }

    /// The name in lower case, by number; the first is ``other``'s.
    public static let names: [StaticString] = (0..<Self.count).map { HeaderID(UInt8($0)).name }

    /// The number of `name` in any case.
    ///
    /// A name that is found is a valid field name, so a parser need not look at its bytes again.
    @inlinable @inline(__always)
    public static func of(_ name: ByteView) -> HeaderID {
        let length = name.count
        if length >= 8 {
            if length > 19 { return .other }
            return Self.long(name)
        }
        if length >= 4 { return Self.short(name) }
        return Self.tiny(name)
    }

    /// Names of 8 to 19 bytes: the first eight, the last eight and, past 16, those from the eighth on.
    @inlinable @inline(__always)
    static func long(_ name: ByteView) -> HeaderID {
        let one = name.word(at: 0)
        let two = name.word(at: name.count &- 8)
        guard Self.holdNoControl(one, two) else { return .other }
        let first = one | Self.bit5
        let last = two | Self.bit5
        switch name.count {
        case 8:
            if Self.isLong("location", first, last) { return .location }
        case 9:
            if Self.isLong("x-api-key", first, last) { return .xAPIKey }
        case 10:
            if Self.isLong("connection", first, last) { return .connection }
            if Self.isLong("keep-alive", first, last) { return .keepAlive }
            if Self.isLong("tracestate", first, last) { return .tracestate }
            if Self.isLong("set-cookie", first, last) { return .setCookie }
            if Self.isLong("user-agent", first, last) { return .userAgent }
        case 11:
            if Self.isLong("traceparent", first, last) { return .traceparent }
            if Self.isLong("retry-after", first, last) { return .retryAfter }
        case 12:
            if Self.isLong("x-request-id", first, last) { return .xRequestID }
            if Self.isLong("content-type", first, last) { return .contentType }
        case 13:
            if Self.isLong("authorization", first, last) { return .authorization }
            if Self.isLong("cache-control", first, last) { return .cacheControl }
            if Self.isLong("last-modified", first, last) { return .lastModified }
            if Self.isLong("if-none-match", first, last) { return .ifNoneMatch }
        case 14:
            if Self.isLong("content-length", first, last) { return .contentLength }
            if Self.isLong("http2-settings", first, last) { return .http2Settings }
        case 15:
            if Self.isLong("x-forwarded-for", first, last) { return .xForwardedFor }
            if Self.isLong("accept-encoding", first, last) { return .acceptEncoding }
            if Self.isLong("accept-language", first, last) { return .acceptLanguage }
        case 16:
            if Self.isLong("proxy-connection", first, last) { return .proxyConnection }
            if Self.isLong("x-forwarded-host", first, last) { return .xForwardedHost }
            if Self.isLong("content-encoding", first, last) { return .contentEncoding }
            if Self.isLong("www-authenticate", first, last) { return .wwwAuthenticate }
        case 17:
            let middle = ByteWord.lowercase(name.word(at: 8))
            if Self.isLong("transfer-encoding", first, last, middle) { return .transferEncoding }
            if Self.isLong("x-forwarded-proto", first, last, middle) { return .xForwardedProto }
            if Self.isLong("if-modified-since", first, last, middle) { return .ifModifiedSince }
        case 19:
            let middle = ByteWord.lowercase(name.word(at: 8))
            if Self.isLong("proxy-authorization", first, last, middle) { return .proxyAuthorization }
        default: break
        }
        return .other
    }

    /// Names of 4 to 7 bytes: the first four and the last four in one word.
    @inlinable @inline(__always)
    static func short(_ name: ByteView) -> HeaderID {
        let ends = Self.ends(name)
        guard Self.holdNoControl(ends, ends) else { return .other }
        let both = ends | Self.bit5
        switch name.count {
        case 4:
            if both == Self.ends("host") { return .host }
            if both == Self.ends("date") { return .date }
            if both == Self.ends("etag") { return .etag }
            if both == Self.ends("vary") { return .vary }
        case 5:
            if both == Self.ends("range") { return .range }
        case 6:
            if both == Self.ends("expect") { return .expect }
            if both == Self.ends("cookie") { return .cookie }
            if both == Self.ends("accept") { return .accept }
            if both == Self.ends("server") { return .server }
            if both == Self.ends("origin") { return .origin }
        case 7:
            if both == Self.ends("upgrade") { return .upgrade }
            if both == Self.ends("trailer") { return .trailer }
            if both == Self.ends("referer") { return .referer }
        default: break
        }
        return .other
    }

    @inlinable @inline(never)
    static func tiny(_ name: ByteView) -> HeaderID {
        if name.count == 2, name.equalsIgnoringCase(ByteView("te")) { return .te }
        if name.count == 3, name.equalsIgnoringCase(ByteView("via")) { return .via }
        return .other
    }

    @inlinable static var bit5: UInt64 { ByteWord.repeating(0x20) }

    /// Whether every ASCII byte is 0x20 or above.
    ///
    /// Setting bit 5 then folds exactly: only a control character could turn into a dash or digit, only a
    /// capital into a small letter, and no known name has other characters.
    @inlinable @inline(__always)
    static func holdNoControl(_ one: UInt64, _ two: UInt64) -> Bool {
        let bit6 = ByteWord.repeating(0x40)
        return (one | one &<< 1) & (two | two &<< 1) & bit6 == bit6
    }

    @inlinable @inline(__always)
    static func isLong(_ literal: StaticString, _ first: UInt64, _ last: UInt64) -> Bool {
        let known = ByteView(literal)
        return known.word(at: 0) == first && known.word(at: known.count &- 8) == last
    }

    @inlinable @inline(__always)
    static func isLong(_ literal: StaticString, _ first: UInt64, _ last: UInt64, _ middle: UInt64)
        -> Bool
    {
        Self.isLong(literal, first, last) && ByteView(literal).word(at: 8) == middle
    }

    @inlinable @inline(__always)
    static func ends(_ literal: StaticString) -> UInt64 { Self.ends(ByteView(literal)) }

    @inlinable @inline(__always)
    static func ends(_ name: ByteView) -> UInt64 {
        UInt64(name.halfWord(at: 0)) | UInt64(name.halfWord(at: name.count &- 4)) << 32
    }
}
