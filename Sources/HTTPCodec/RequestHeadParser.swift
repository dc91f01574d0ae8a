public import Filtering
public import Primitives

/// Reads the head of an HTTP/1.1 request: bytes in, a ``HeaderBlock`` and ``RequestFacts`` out.
///
/// Refuses what two parsers could read differently (docs/reference/http1.md). One for each connection; the
/// outcome does not depend on how the bytes were split, and the work is linear in them even one by one.
///
///     start --request line--> fields --empty line--> complete, and start again
///       '------- fault ---------'------ fault ----> failed: close the connection
public struct RequestHeadParser {
    let limits: HeadLimits
    private let allowConnect: Bool
    private let upgradeTokens: [[UInt8]]
    private let scheme: StaticString
    var line = RequestLine()
    private var hasLine = false
    private var section = FieldSection()

    /// - Parameters:
    ///   - allowConnect: Otherwise CONNECT is answered with 405, as nginx does.
    ///   - upgradeTokens: Protocols of `Upgrade` that may pass, compared without case; any other request to
    ///     switch is taken out of the head.
    ///   - scheme: Of a request whose target names none.
    public init(
        limits: HeadLimits = HeadLimits(), allowConnect: Bool = false,
        upgradeTokens: [String] = ["websocket"], scheme: StaticString = "http"
    ) {
        self.limits = limits
        self.allowConnect = allowConnect
        self.upgradeTokens = upgradeTokens.map { Array($0.utf8) }
        self.scheme = scheme
    }

    /// Forgets a message that was begun. Not needed after a complete one.
    public mutating func reset() {
        self.hasLine = false
        self.section = FieldSection()
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - unread: Everything of the connection that was not consumed, from the start of this message on,
    ///     one empty line before it included (RFC 9112, 2.2).
    ///   - block: Not to be read while incomplete. When complete it holds the head: `Host` is its authority
    ///     and no field, and the fields that `Connection` names are gone. When refused, what was understood.
    public mutating func parse(
        _ unread: ByteView, into block: HeaderBlock, facts: inout RequestFacts
    ) -> HeadResult {
        let window = unread.count <= self.limits.head ? unread : unread[0..<self.limits.head]
        var outcome = FieldSection.Outcome.incomplete
        if !self.hasLine {
            if self.section.isLineReady(window) {
                block.reset()
                outcome = self.line.read(window, &self.section, maximum: self.limits.url)
                if case .end(let next) = outcome {
                    self.section.lineStart = next
                    self.hasLine = true
                }
            }
        }
        if self.hasLine {
            outcome = self.section.read(window, into: block, maximum: self.limits.fields, isRequest: true)
        }
        switch outcome {
        case .end(let bytes):
            let error = self.finish(window[0..<bytes], block, &facts)
            self.reset()
            if let error { return .failed(error) }
            return .complete(bytes: bytes)
        case .incomplete:
            if unread.count >= self.limits.head {
                return self.refuse(self.hasLine ? .headTooLarge : .urlTooLong, block)
            }
            if !self.hasLine, self.section.isLineTooLong(window, maximum: self.limits.url) {
                return self.refuse(.urlTooLong, block)
            }
            return .incomplete
        case .failed(let error): return self.refuse(error, block)
        }
    }

    /// Leaves no field behind whose bytes were never copied.
    @inline(never)
    private mutating func refuse(_ error: HTTPError, _ block: HeaderBlock) -> HeadResult {
        block.reset()
        self.reset()
        return .failed(error)
    }

    /// Decides what needs the whole head, and copies it into the block.
    private func finish(_ head: ByteView, _ block: HeaderBlock, _ facts: inout RequestFacts) -> HTTPError? {
        let framing = self.section.framing
        let line = self.line
        block.arena.append(head)
        block.setMethod(line.method)
        facts = RequestFacts()
        facts.minorVersion = line.minorVersion
        let method = block.method
        facts.isHead = method == "HEAD"

        if framing.isChunked {
            if line.minorVersion == 0 { return .codingInHTTP10 }
            if framing.hasContentLength { return .lengthAndCoding }
            facts.framing = .chunked
        } else if framing.hasContentLength {
            facts.framing = .length(framing.contentLength)
        }
        facts.isKeepAlive = framing.keepsAlive(minorVersion: line.minorVersion)
        // RFC 9110, 10.1.1: the expectation of an HTTP/1.0 client is ignored, and one without a body means
        // nothing.
        facts.expectsContinue = framing.expectsContinue && line.minorVersion == 1 && !facts.framing.isEmpty

        if !framing.hasHost, line.minorVersion == 1 { return .missingHost }
        block.setAuthority(framing.host)
        if head[Int(line.target.start)] == ASCII.slash, method.count != 7 || !(method == "CONNECT") {
            block.setPath(line.target)
            block.setScheme(block.copy(ByteView(self.scheme)))
        } else {
            facts.isConnect = method == "CONNECT"
            if facts.isConnect, !self.allowConnect { return .connectRefused }
            if facts.isConnect, !facts.framing.isEmpty { return .connectWithBody }
            if let error = RequestTarget.resolve(
                line.target, block, isConnect: facts.isConnect, scheme: self.scheme)
            {
                return error
            }
        }
        if framing.connection.contains(.names), let error = ConnectionOptions.removeNamed(block) {
            return error
        }
        if framing.hasUpgrade { self.takeUpgrade(block, &facts) }
        return nil
    }

    /// Keeps a request to switch to a listed protocol, and takes out any other.
    @inline(never)
    private func takeUpgrade(_ block: HeaderBlock, _ facts: inout RequestFacts) {
        block.removeAll(.http2Settings)
        let isAsked = self.section.framing.connection.contains(.upgrade)
        guard isAsked, facts.minorVersion == 1, facts.framing == .none, !facts.isConnect,
            let found = UpgradeField.firstListed(in: block, of: self.upgradeTokens)
        else {
            block.removeAll(.upgrade)
            return
        }
        block.set(.upgrade, found.token)
        facts.isUpgrade = true
        facts.upgradeIndex = found.index
    }
}

extension FramingFields {
    /// Whether the sender lets the connection be used again (RFC 9112, 9.3).
    func keepsAlive(minorVersion: UInt8) -> Bool {
        if self.connection.contains(.close) { return false }
        return minorVersion == 1 || self.connection.contains(.keepAlive)
    }
}
