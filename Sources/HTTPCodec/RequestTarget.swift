internal import Filtering
internal import Primitives

/// The forms of a request target that do not begin with "/" (RFC 9112, 3.2).
enum RequestTarget {
    /// Sets path, authority and scheme from a target in absolute, authority or asterisk form.
    @inline(never)
    static func resolve(
        _ range: ArenaRange, _ block: HeaderBlock, isConnect: Bool, scheme: StaticString
    ) -> HTTPError? {
        let target = block.view(range)
        if isConnect {
            guard HeaderSyntax.isAuthority(target), target.firstIndex(of: ASCII.colon) != nil else {
                return .badTarget
            }
            if !block.authority.isEmpty, !Self.areSame(target, block.authority, defaultPort: "") {
                return .hostMismatch
            }
            block.setAuthority(range)
            block.setScheme(block.copy(ByteView(scheme)))
            return nil
        }
        if target == "*" {
            guard block.method == "OPTIONS" else { return .badTarget }
            block.setPath(range)
            block.setScheme(block.copy(ByteView(scheme)))
            return nil
        }
        return Self.resolveAbsolute(range, block)
    }

    private static func resolveAbsolute(_ range: ArenaRange, _ block: HeaderBlock) -> HTTPError? {
        let target = block.view(range)
        let scheme: StaticString
        let port: StaticString
        if target.count > 7, target[0..<7].equalsIgnoringCase(ByteView("http://")) {
            scheme = "http"
            port = "80"
        } else if target.count > 8, target[0..<8].equalsIgnoringCase(ByteView("https://")) {
            scheme = "https"
            port = "443"
        } else {
            return .badTarget
        }
        let start = scheme.utf8CodeUnitCount + 3
        var end = start
        while end < target.count, target[end] != ASCII.slash, target[end] != ASCII.questionMark { end += 1 }
        let authority = target[start..<end]
        guard HeaderSyntax.isAuthority(authority) else { return .badTarget }
        // RFC 9112, 3.2.2 would let the target win; a service that looks at Host would then see another host.
        if !block.authority.isEmpty, !Self.areSame(authority, block.authority, defaultPort: port) {
            return .hostMismatch
        }
        block.setAuthority(ArenaRange(start: Int(range.start) + start, length: end - start))
        if end < target.count, target[end] == ASCII.slash {
            block.setPath(ArenaRange(start: Int(range.start) + end, length: target.count - end))
        } else if end == target.count {
            block.setPath(block.copy(ByteView(block.method == "OPTIONS" ? "*" : "/")))
        } else {
            let path = block.copy(ByteView("/"))
            let query = block.arena.view(at: Int(range.start) + end, Int(range.length) - end)
            block.arena.append(query)
            block.setPath(ArenaRange(start: Int(path.start), length: 1 + Int(range.length) - end))
        }
        block.setScheme(block.copy(ByteView(scheme)))
        return nil
    }

    /// Whether two authorities name the same host and port: case folded, default port removed.
    private static func areSame(_ a: ByteView, _ b: ByteView, defaultPort: StaticString) -> Bool {
        Self.withoutPort(a, defaultPort).equalsIgnoringCase(Self.withoutPort(b, defaultPort))
    }

    private static func withoutPort(_ authority: ByteView, _ port: StaticString) -> ByteView {
        var end = authority.count
        while end > 0, authority[end - 1] &- 0x30 <= 9 { end -= 1 }
        guard end > 0, authority[end - 1] == ASCII.colon else { return authority }
        let digits = authority.dropFirst(end)
        return digits.isEmpty || digits == ByteView(port) ? authority[0..<end - 1] : authority
    }
}
