internal import Filtering
internal import Primitives

/// What the fields that frame a message and rule its connection have said so far.
///
/// A field is looked at when its line is read; what needs the whole head is decided at its end.
struct FramingFields {
    struct Connection: OptionSet {
        let rawValue: UInt8
        static let close = Self(rawValue: 1)
        static let keepAlive = Self(rawValue: 2)
        static let upgrade = Self(rawValue: 4)
        /// Names fields to be removed.
        static let names = Self(rawValue: 8)
    }

    var contentLength: UInt64 = 0
    var hasContentLength = false
    var isChunked = false
    var expectsContinue = false
    /// An `upgrade` or `http2-settings` field was there.
    var hasUpgrade = false
    var hasHost = false
    var connection: Connection = []
    var host = ArenaRange(start: 0, length: 0)

    /// What becomes of a line.
    enum Verdict {
        case keep
        /// The field says nothing that is not kept elsewhere.
        case drop
        /// The value is the first `count` bytes only.
        case shorten(Int)
        case refuse(HTTPError)
    }

    /// Takes in the field `id`, whose value lies at `start`.
    mutating func take(_ id: HeaderID, _ value: ByteView, at start: Int, isRequest: Bool) -> Verdict {
        switch id {
        case .host:
            if !isRequest { return .keep }
            if self.hasHost { return .refuse(.repeatedHost) }
            guard HeaderSyntax.isAuthority(value) else { return .refuse(.badHost) }
            self.hasHost = true
            self.host = ArenaRange(start: start, length: value.count)
            return .drop
        case .connection:
            self.takeConnection(value)
            return .keep
        case .contentLength: return self.takeContentLength(value)
        case .transferEncoding: return self.takeTransferEncoding(value)
        case .upgrade, .http2Settings:
            self.hasUpgrade = true
            return .keep
        case .expect:
            if !isRequest { return .keep }
            guard value.equalsIgnoringCase(ByteView("100-continue")) else {
                return .refuse(.unknownExpectation)
            }
            self.expectsContinue = true
            return .keep
        default: return .keep
        }
    }

    private mutating func takeConnection(_ value: ByteView) {
        if value.count == 10, value.equalsIgnoringCase(ByteView("keep-alive")) {
            self.connection.insert(.keepAlive)
            return
        }
        var options = ListElements(value)
        while let option = options.next() {
            if option.equalsIgnoringCase(ByteView("close")) {
                self.connection.insert(.close)
            } else if option.equalsIgnoringCase(ByteView("keep-alive")) {
                self.connection.insert(.keepAlive)
            } else if option.equalsIgnoringCase(ByteView("upgrade")) {
                self.connection.insert(.upgrade)
            } else {
                self.connection.insert(.names)
            }
        }
    }

    /// Identical lengths are one, in one field or in several (RFC 9112, 6.3); any doubt is refused.
    private mutating func takeContentLength(_ value: ByteView) -> Verdict {
        let isRepeated = self.hasContentLength
        var count = value.count
        var rest = value
        while true {
            let comma = rest.firstIndex(of: ASCII.comma)
            let element = comma.map { rest[0..<$0].trimmed() } ?? rest.trimmed()
            guard let length = element.decimal(), length <= UInt64(Int64.max) else {
                return .refuse(.badContentLength)
            }
            if self.hasContentLength, length != self.contentLength {
                return .refuse(.differingContentLengths)
            }
            self.contentLength = length
            self.hasContentLength = true
            guard let comma else { break }
            count = min(count, element.count)
            rest = rest.dropFirst(comma + 1)
        }
        if isRepeated { return .drop }
        return count == value.count ? .keep : .shorten(count)
    }

    private mutating func takeTransferEncoding(_ value: ByteView) -> Verdict {
        var codings = ListElements(value)
        var isEmpty = true
        while let coding = codings.next() {
            isEmpty = false
            if self.isChunked { return .refuse(.chunkedNotLast) }
            if coding.equalsIgnoringCase(ByteView("chunked")) {
                self.isChunked = true
            } else {
                // "chunked;x=y" is no coding that anybody defined.
                return .refuse(HeaderSyntax.isName(coding) ? .unknownCoding : .badTransferEncoding)
            }
        }
        return isEmpty ? .refuse(.badTransferEncoding) : .keep
    }
}
