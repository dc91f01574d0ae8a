internal import Filtering
internal import Primitives

/// `method SP target SP HTTP/1.x CRLF` (RFC 9112, 3), as places in the bytes.
struct RequestLine {
    var method = ArenaRange(start: 0, length: 0)
    var target = ArenaRange(start: 0, length: 0)
    var minorVersion: UInt8 = 1

    /// Room for method, version and spaces in a line whose target is as long as allowed.
    static let overhead = 64

    /// Reads the line at the front; `.end` is where the fields begin.
    mutating func read(_ bytes: ByteView, _ section: inout FieldSection, maximum: Int) -> FieldSection.Outcome
    {
        guard bytes.count > 0 else { return .incomplete }
        var start = 0
        if bytes[0] == ASCII.carriageReturn {
            guard bytes.count > 1, bytes[1] == ASCII.lineFeed else {
                return self.stop(bytes, 0, &section, maximum, .badRequestLine)
            }
            start = 2
        }
        var at = start
        if start &+ 4 <= bytes.count, bytes.halfWord(at: start) == ByteView("GET ").halfWord(at: 0) {
            at = start &+ 3
        }
        while at < bytes.count, HeaderSyntax.isTokenByte(bytes[at]) { at &+= 1 }
        // What cannot begin a request (a TLS handshake, say) will never become one: do not wait for a line
        // end.
        if at == start { return at < bytes.count ? .failed(.badMethod) : .incomplete }
        guard at < bytes.count, bytes[at] == ASCII.space else {
            return self.stop(bytes, start, &section, maximum, .badMethod)
        }
        self.method = ArenaRange(start: start, length: at &- start)

        let targetStart = at &+ 1
        at = ByteScan.targetEnd(bytes, from: targetStart)
        guard at > targetStart, at < bytes.count, bytes[at] == ASCII.space else {
            let error =
                at < bytes.count
                ? Self.fault(inTarget: bytes[at], isEmpty: at == targetStart) : .badRequestLine
            return self.stop(bytes, start, &section, maximum, error)
        }
        self.target = ArenaRange(start: targetStart, length: at &- targetStart)

        let versionStart = at &+ 1
        guard versionStart &+ 10 <= bytes.count else {
            return self.stop(bytes, start, &section, maximum, .badRequestLine)
        }
        // First, so that a shorter line means the same when the bytes behind it have not come yet.
        guard bytes[versionStart &+ 8] == ASCII.carriageReturn, bytes[versionStart &+ 9] == ASCII.lineFeed
        else {
            return self.stop(bytes, start, &section, maximum, .badRequestLine)
        }
        let version = bytes.word(at: versionStart)
        if version == ByteView("HTTP/1.1").word(at: 0) {
            self.minorVersion = 1
        } else if version == ByteView("HTTP/1.0").word(at: 0) {
            self.minorVersion = 0
        } else {
            let error = self.fault(inVersion: bytes[versionStart..<versionStart + 8], bytes)
            return self.stop(bytes, start, &section, maximum, error)
        }
        if at &- targetStart > maximum || versionStart &+ 9 &- start > maximum &+ Self.overhead {
            return .failed(.urlTooLong)
        }
        return .end(versionStart &+ 10)
    }

    /// As ``FieldSection/stop(_:at:_:)``; a line that is too long is called just that, however it came.
    @inline(never)
    private func stop(
        _ bytes: ByteView, _ start: Int, _ section: inout FieldSection, _ maximum: Int, _ error: HTTPError
    ) -> FieldSection.Outcome {
        // The line is read again from the very front, so that the empty line before it is seen again.
        section.lineStart = 0
        section.searched = bytes.count
        guard let end = bytes.dropFirst(start).firstIndex(of: ASCII.lineFeed) else { return .incomplete }
        return .failed(end > maximum + Self.overhead ? .urlTooLong : error)
    }

    private static func fault(inTarget byte: UInt8, isEmpty: Bool) -> HTTPError {
        if byte == ASCII.hash { return .fragmentInTarget }
        if isEmpty || byte == ASCII.carriageReturn || byte == ASCII.lineFeed { return .badRequestLine }
        return .badTarget
    }

    private func fault(inVersion version: ByteView, _ bytes: ByteView) -> HTTPError {
        guard version.hasPrefix(ByteView("HTTP/")), version[5] &- 0x30 <= 9, version[6] == ASCII.dot,
            version[7] &- 0x30 <= 9
        else { return .badRequestLine }
        let method = bytes[Int(self.method.start)..<Int(self.method.start + self.method.length)]
        return method == "PRI" ? .http2Preface : .unsupportedVersion
    }
}

extension FieldSection {
    /// Whether an unfinished request line is already longer than any that is taken.
    func isLineTooLong(_ bytes: ByteView, maximum: Int) -> Bool {
        let start = bytes.count > 1 && bytes[0] == ASCII.carriageReturn ? 2 : 0
        return bytes.count - start > maximum + RequestLine.overhead + 1
    }
}
