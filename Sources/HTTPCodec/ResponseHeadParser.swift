public import Filtering
public import Primitives

/// Reads the head of an HTTP/1.1 response; the counterpart of ``RequestHeadParser``.
///
/// What is refused becomes a 502. The block gets the status and the fields; the reason phrase is dropped.
public struct ResponseHeadParser {
    private let limits: HeadLimits
    private let upgradeTokens: [[UInt8]]
    private var status = 0
    private var minorVersion: UInt8 = 1
    private var hasLine = false
    private var section = FieldSection()

    /// - Parameter upgradeTokens: The same list as the request parser's.
    public init(limits: HeadLimits = HeadLimits(), upgradeTokens: [String] = ["websocket"]) {
        self.limits = limits
        self.upgradeTokens = upgradeTokens.map { Array($0.utf8) }
    }

    /// Forgets a message that was begun. Not needed after a complete one.
    public mutating func reset() {
        self.hasLine = false
        self.section = FieldSection()
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - unread: Everything of the connection that was not consumed, from the start of this response on.
    ///   - upgradeAsked: Whether the request that was sent asks to switch protocols.
    ///   - upgradeIndex: To which, as in ``RequestFacts/upgradeIndex``.
    public mutating func parse(
        _ unread: ByteView, into block: HeaderBlock, facts: inout ResponseFacts, requestWasHead: Bool,
        requestWasConnect: Bool = false, upgradeAsked: Bool = false, upgradeIndex: Int = 0
    ) -> HeadResult {
        let window = unread.count <= self.limits.head ? unread : unread[0..<self.limits.head]
        var outcome = FieldSection.Outcome.incomplete
        if !self.hasLine, self.section.isLineReady(window) {
            block.reset()
            outcome = self.readLine(window)
            if case .end(let next) = outcome {
                self.section.lineStart = next
                self.hasLine = true
            }
        }
        if self.hasLine {
            outcome = self.section.read(window, into: block, maximum: self.limits.fields, isRequest: false)
        }
        switch outcome {
        case .end(let bytes):
            var error = self.finish(window[0..<bytes], block, &facts, requestWasHead, requestWasConnect)
            if error == nil, self.section.framing.hasUpgrade || self.status == 101 {
                error = self.takeUpgrade(block, &facts, upgradeAsked ? upgradeIndex : nil)
            }
            self.reset()
            if let error { return .failed(error.inResponse) }
            return .complete(bytes: bytes)
        case .incomplete:
            return unread.count >= self.limits.head ? self.refuse(.headTooLarge, block) : .incomplete
        case .failed(let error): return self.refuse(error, block)
        }
    }

    /// Leaves no field behind whose bytes were never copied.
    @inline(never)
    private mutating func refuse(_ error: HTTPError, _ block: HeaderBlock) -> HeadResult {
        block.reset()
        self.reset()
        return .failed(error.inResponse)
    }

    /// `HTTP/1.x SP 3DIGIT [SP reason] CRLF` (RFC 9112, 4); the space before an empty reason is often
    /// missing.
    private mutating func readLine(_ bytes: ByteView) -> FieldSection.Outcome {
        guard bytes.count > 0 else { return .incomplete }
        guard bytes[0] == 0x48 else { return .failed(.badStatusLine) }
        guard bytes.count >= 14 else { return self.section.stop(bytes, at: 0, .badStatusLine) }
        let version = bytes.word(at: 0)
        if version == ByteView("HTTP/1.1").word(at: 0) {
            self.minorVersion = 1
        } else if version == ByteView("HTTP/1.0").word(at: 0) {
            self.minorVersion = 0
        } else {
            return self.section.stop(bytes, at: 0, .badStatusLine)
        }
        let hundreds = bytes[9] &- 0x30
        let tens = bytes[10] &- 0x30
        let ones = bytes[11] &- 0x30
        guard bytes[8] == ASCII.space, hundreds &- 1 < 5, tens <= 9, ones <= 9,
            bytes[12] == ASCII.space || bytes[12] == ASCII.carriageReturn
        else { return self.section.stop(bytes, at: 0, .badStatusLine) }
        self.status = Int(hundreds) &* 100 &+ Int(tens) &* 10 &+ Int(ones)
        let end = ByteScan.control(bytes, from: 12)
        guard end &+ 1 < bytes.count, bytes[end] == ASCII.carriageReturn, bytes[end &+ 1] == ASCII.lineFeed
        else {
            return self.section.stop(bytes, at: 0, .badStatusLine)
        }
        return .end(end &+ 2)
    }

    /// Decides what needs the whole head (RFC 9112, 6.3), and copies it into the block.
    private func finish(
        _ head: ByteView, _ block: HeaderBlock, _ facts: inout ResponseFacts, _ requestWasHead: Bool,
        _ requestWasConnect: Bool
    ) -> HTTPError? {
        let framing = self.section.framing
        let status = self.status
        block.arena.append(head)
        block.status = status
        if self.section.hasFold { Self.blankFolds(block.arena) }
        facts = ResponseFacts()
        facts.minorVersion = self.minorVersion

        if framing.isChunked {
            if self.minorVersion == 0 { return .codingInHTTP10 }
            if framing.hasContentLength { return .lengthAndCoding }
        }
        facts.isTunnel = requestWasConnect && status / 100 == 2
        facts.isInformational = status < 200
        if requestWasHead || status < 200 || status == 204 || status == 304 || facts.isTunnel {
            facts.framing = .none
        } else if framing.isChunked {
            facts.framing = .chunked
        } else if framing.hasContentLength {
            facts.framing = .length(framing.contentLength)
        } else {
            facts.framing = .untilClose
        }
        facts.isKeepAlive =
            framing.keepsAlive(minorVersion: self.minorVersion) && facts.framing != .untilClose
            && !facts.isTunnel
        if framing.connection.contains(.names) { return ConnectionOptions.removeNamed(block) }
        return nil
    }

    /// A 101 must name what was asked for; in any other response `Upgrade` ends at this hop.
    @inline(never)
    private func takeUpgrade(_ block: HeaderBlock, _ facts: inout ResponseFacts, _ asked: Int?) -> HTTPError?
    {
        guard self.status == 101 else {
            block.removeAll(.upgrade)
            return nil
        }
        guard let asked, asked < self.upgradeTokens.count,
            self.section.framing.connection.contains(.upgrade),
            let found = UpgradeField.firstListed(in: block, of: [self.upgradeTokens[asked]])
        else { return .unexpectedUpgrade }
        block.set(.upgrade, found.token)
        facts.isInformational = false
        facts.isUpgrade = true
        facts.isTunnel = true
        facts.isKeepAlive = false
        return nil
    }

    /// Puts spaces in the place of each CR LF that a continuation line follows.
    @inline(never)
    private static func blankFolds(_ arena: ByteBuffer) {
        var at = 0
        while let found = arena.view.dropFirst(at).firstIndex(of: ASCII.lineFeed) {
            at += found + 1
            if at < arena.count, ASCII.isBlank(arena.view[at]) {
                arena.replace(at: at - 2, with: ASCII.space)
                arena.replace(at: at - 1, with: ASCII.space)
            }
        }
    }
}
