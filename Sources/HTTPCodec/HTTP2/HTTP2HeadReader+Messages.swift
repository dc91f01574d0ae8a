internal import Filtering
internal import Primitives

// What needs the whole head.

extension HTTP2HeadReader {
    /// A request is complete (RFC 9113, 8.3.1 and 8.5; RFC 8441, 4).
    mutating func finishRequest(
        _ block: HeaderBlock, _ settings: HTTP2Settings, _ facts: inout RequestFacts, endOfStream: Bool
    ) {
        facts = RequestFacts()
        facts.isHTTP2 = true
        if self.malformed != nil || self.refused != nil { return }
        guard self.pseudo.contains(.method) else { return self.fail(.http2MissingPseudoField) }
        let method = block.method
        let isConnect = method.count == 7 && method == "CONNECT"
        if self.pseudo.contains(.protocol) {
            guard isConnect, !settings.upgradeTokens.isEmpty else { return self.fail(.http2BadPseudoField) }
        }
        if isConnect, !self.pseudo.contains(.protocol) {
            guard self.pseudo.isDisjoint(with: [.path, .scheme]) else {
                return self.fail(.http2BadPseudoField)
            }
            let authority = block.authority
            guard authority.firstIndex(of: ASCII.colon) != nil else { return self.fail(.http2BadAuthority) }
            block.setScheme(block.copySpaced(ByteView("http")))
        } else {
            guard self.pseudo.isSuperset(of: [.path, .scheme]) else {
                return self.fail(.http2MissingPseudoField)
            }
            if block.path[0] != ASCII.slash, !(method == "OPTIONS") { return self.fail(.http2BadPseudoField) }
        }
        if let error = self.resolveAuthority(block) { return self.fail(error) }
        facts.isHead = block.method == "HEAD"
        self.joinCookies(block)
        if self.framing.hasContentLength {
            if endOfStream, self.framing.contentLength != 0 { return self.fail(.http2LengthMismatch) }
            facts.framing = .length(self.framing.contentLength)
        } else if !endOfStream {
            facts.framing = .chunked
        }
        facts.expectsContinue = self.framing.expectsContinue && !facts.framing.isEmpty

        let scheme = block.scheme
        if !(scheme == "http"), !(scheme == "https") {
            guard scheme.equalsIgnoringCase(ByteView("http")) || scheme.equalsIgnoringCase(ByteView("https"))
            else { return self.refused = .http2UnknownScheme }
            block.setScheme(block.copySpaced(ByteView(scheme.count == 4 ? "http" : "https")))
        }
        if isConnect { self.finishConnect(block, settings, &facts) }
    }

    /// CONNECT opens a tunnel; with `:protocol` it is what an `Upgrade` is in HTTP/1, and looks like one.
    @inline(never)
    private mutating func finishConnect(
        _ block: HeaderBlock, _ settings: HTTP2Settings, _ facts: inout RequestFacts
    ) {
        // What follows is the tunnel, not a body.
        if self.framing.hasContentLength { return self.fail(.http2BadContentLength) }
        facts.framing = .none
        facts.expectsContinue = false
        guard self.pseudo.contains(.protocol) else {
            facts.isConnect = true
            if !settings.allowConnect { self.refused = .connectRefused }
            return
        }
        let name = block.view(self.protocolName)
        for (index, token) in settings.upgradeTokens.enumerated() {
            guard token.withByteView({ $0.equalsIgnoringCase(name) }) else { continue }
            facts.isUpgrade = true
            facts.isExtendedConnect = true
            facts.upgradeIndex = index
            block.setMethod(block.copySpaced(ByteView("GET")))
            block.set(.upgrade, block.view(self.protocolName))
            return
        }
        self.refused = .http2UnknownProtocol
    }

    /// `:authority` and `Host` must agree; one of them must be there.
    private func resolveAuthority(_ block: HeaderBlock) -> HTTPError? {
        if !self.pseudo.contains(.authority) {
            guard self.framing.hasHost else { return .http2MissingAuthority }
            block.setAuthority(self.framing.host)
            return nil
        }
        guard self.framing.hasHost else { return nil }
        let host = block.view(self.framing.host)
        return host.equalsIgnoringCase(block.authority) ? nil : .http2HostMismatch
    }

    /// A response is complete (RFC 9113, 8.3.2).
    mutating func finishResponse(
        _ block: HeaderBlock, _ stream: HTTP2Stream, _ facts: inout ResponseFacts, endOfStream: Bool
    ) {
        facts = ResponseFacts()
        facts.isHTTP2 = true
        if self.malformed != nil || self.refused != nil { return }
        guard self.pseudo.contains(.status) else { return self.fail(.http2MissingPseudoField) }
        let status = block.status
        if status < 200 {
            // 101 has no meaning here (RFC 9113, 8.6), and an informational response does not end a stream.
            if status == 101 || endOfStream { return self.fail(.http2BadStatus) }
            facts.isInformational = true
            return
        }
        self.joinCookies(block)
        let isSuccess = status < 300
        if isSuccess, stream.isConnect || stream.upgradeIndex >= 0 {
            facts.isTunnel = true
            facts.isUpgrade = stream.upgradeIndex >= 0
            return
        }
        if stream.isHead || status == 204 || status == 304 { return }
        if self.framing.hasContentLength {
            if endOfStream, self.framing.contentLength != 0 { return self.fail(.http2LengthMismatch) }
            facts.framing = .length(self.framing.contentLength)
        } else if !endOfStream {
            facts.framing = .chunked
        }
    }

    /// Trailers are complete: those that say what only a head may say are dropped, as in HTTP/1.
    func finishTrailers(_ block: HeaderBlock) {
        for id in HeaderBlock.forbiddenInTrailers { block.removeAll(id) }
    }
}

extension HTTPError {
    // Malformed messages of HTTP/2: their stream is reset with PROTOCOL_ERROR (RFC 9113, 8.1.1).
    public static var http2BadFieldName: Self { Self(400, "http2.bad_field_name") }
    public static var http2BadFieldValue: Self { Self(400, "http2.bad_field_value") }
    public static var http2ConnectionField: Self { Self(400, "http2.connection_field") }
    public static var http2BadTe: Self { Self(400, "http2.bad_te") }
    public static var http2RepeatedHost: Self { Self(400, "http2.repeated_host") }
    public static var http2BadAuthority: Self { Self(400, "http2.bad_authority") }
    public static var http2MissingAuthority: Self { Self(400, "http2.missing_authority") }
    public static var http2HostMismatch: Self { Self(400, "http2.host_mismatch") }
    public static var http2BadContentLength: Self { Self(400, "http2.bad_content_length") }
    public static var http2LengthMismatch: Self { Self(400, "http2.content_length_mismatch") }
    public static var http2LatePseudoField: Self { Self(400, "http2.late_pseudo_field") }
    public static var http2UnknownPseudoField: Self { Self(400, "http2.unknown_pseudo_field") }
    public static var http2RepeatedPseudoField: Self { Self(400, "http2.repeated_pseudo_field") }
    public static var http2MissingPseudoField: Self { Self(400, "http2.missing_pseudo_field") }
    public static var http2BadPseudoField: Self { Self(400, "http2.bad_pseudo_field") }
    public static var http2PseudoFieldInTrailers: Self { Self(400, "http2.pseudo_field_in_trailers") }
    public static var http2BadStatus: Self { Self(502, "http2.bad_status") }
    public static var http2TrailersWithoutEnd: Self { Self(400, "http2.trailers_without_end") }

    // Well-formed, and not served.
    public static var http2HeadTooLarge: Self { Self(431, "http2.head_too_large") }
    public static var http2TooManyFields: Self { Self(431, "http2.too_many_fields") }
    public static var http2URLTooLong: Self { Self(414, "http2.url_too_long") }
    public static var http2UnknownScheme: Self { Self(400, "http2.unknown_scheme") }
    /// RFC 9220, 3, which says it for RFC 8441, too.
    public static var http2UnknownProtocol: Self { Self(501, "http2.unknown_protocol") }
}
