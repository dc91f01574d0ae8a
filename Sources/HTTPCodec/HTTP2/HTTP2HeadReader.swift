internal import Filtering
internal import Primitives

/// Makes a ``HeaderBlock`` of decoded fields, and says what is wrong with them (RFC 9113, 8.2 and 8.3).
///
/// Fields go into the arena as lines of HTTP/1, so that a writer can copy them in one go.
struct HTTP2HeadReader {
    enum Kind: UInt8 { case request, response, trailers, discarded }

    struct Pseudo: OptionSet {
        let rawValue: UInt8
        static var method: Self { Self(rawValue: 1) }
        static var scheme: Self { Self(rawValue: 2) }
        static var authority: Self { Self(rawValue: 4) }
        static var path: Self { Self(rawValue: 8) }
        static var `protocol`: Self { Self(rawValue: 16) }
        static var status: Self { Self(rawValue: 32) }
    }

    /// What a field costs beside its bytes (RFC 9113, 6.5.2).
    static var overhead: Int { 32 }

    private(set) var kind = Kind.discarded
    /// Breaks a rule: the stream is reset.
    private(set) var malformed: HTTPError?
    /// Keeps the rules, and is not served.
    var refused: HTTPError?
    private(set) var pseudo: Pseudo = []
    private(set) var framing = FramingFields()
    private(set) var protocolName = ArenaRange(start: 0, length: 0)
    private var size = 0
    private var hasFields = false
    private var cookies = 0
    private let limits: HeadLimits

    init(limits: HeadLimits) { self.limits = limits }

    mutating func begin(_ kind: Kind) {
        self.kind = kind
        self.malformed = nil
        self.refused = nil
        self.pseudo = []
        self.framing = FramingFields()
        self.size = 0
        self.hasFields = false
        self.cookies = 0
    }

    /// Whether no further field is looked at.
    private var isSettled: Bool { self.kind == .discarded || self.malformed != nil || self.refused != nil }

    /// Takes one decoded field.
    @inline(__always)
    mutating func take(_ field: HPACKField, isNeverIndexed: Bool, into block: HeaderBlock) {
        if self.isSettled { return }
        self.size &+= field.nameLength &+ field.valueLength &+ Self.overhead
        if self.size > self.limits.head { return self.refused = .http2HeadTooLarge }
        let facts = field.facts
        guard facts.kind == .field else { return self.takePseudo(field, block) }
        self.hasFields = true
        guard facts.isNameGood, facts.isValueGood else {
            return self.takeUnusual(field, isNeverIndexed, block)
        }
        guard block.count &- self.cookies < self.limits.fields else {
            return self.refused = .http2TooManyFields
        }
        // The numbers of the fields that HTTP/2 treats in its own way are the lowest, but for the cookie's.
        let id = facts.id
        if id.rawValue &- 1 < HeaderID.expect.rawValue || id == .cookie {
            guard self.takeSpecial(id, field.value, block) else { return }
        }
        block.append(field, isNeverIndexed: isNeverIndexed)
    }

    /// A field whose name or value is no good, but for one kind.
    @inline(never)
    private mutating func takeUnusual(
        _ field: HPACKField, _ isNeverIndexed: Bool, _ block: HeaderBlock
    ) {
        guard field.facts.isNameGood else { return self.malformed = .http2BadFieldName }
        // gRPC's libraries leave the spaces at the ends of their messages as they are.
        let value = field.value.trimmed()
        guard field.name == "grpc-message", HTTP2Syntax.isValue(value) else {
            return self.malformed = .http2BadFieldValue
        }
        guard block.count &- self.cookies < self.limits.fields else {
            return self.refused = .http2TooManyFields
        }
        block.appendLine(field.name, value, field.facts.id, isNeverIndexed)
    }

    /// A field with a meaning for the message or its connection.
    ///
    /// - Returns: Whether it becomes a field of the block.
    @inline(never)
    private mutating func takeSpecial(_ id: HeaderID, _ value: ByteView, _ block: HeaderBlock) -> Bool {
        switch id {
        case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade:
            self.malformed = .http2ConnectionField
            return false
        case .te:
            if value.equalsIgnoringCase(ByteView("trailers")) { return true }
            self.malformed = .http2BadTe
            return false
        case .host:
            guard self.kind == .request else { return true }
            if self.framing.hasHost {
                self.malformed = .http2RepeatedHost
                return false
            }
            guard HeaderSyntax.isAuthority(value) else {
                self.malformed = .http2BadAuthority
                return false
            }
            self.framing.hasHost = true
            self.framing.host = block.copySpaced(value)
            return false
        case .contentLength, .expect:
            if self.kind == .trailers { return true }
            return self.takeFraming(id, value)
        case .cookie:
            self.cookies += 1
            return true
        default: return true
        }
    }

    private mutating func takeFraming(_ id: HeaderID, _ value: ByteView) -> Bool {
        switch self.framing.take(id, value, at: 0, isRequest: self.kind == .request) {
        case .keep: return true
        case .drop: return false
        case .shorten:
            // Identical lengths in one field; the writer makes its own of the number.
            return true
        case .refuse(let error):
            if id == .expect { self.refused = error } else { self.malformed = .http2BadContentLength }
            return false
        }
    }

    // MARK: Pseudo-fields

    private mutating func takePseudo(_ decoded: HPACKField, _ block: HeaderBlock) {
        guard !self.hasFields else { return self.malformed = .http2LatePseudoField }
        let kind = decoded.facts.kind
        let value = decoded.value
        if self.kind == .response {
            guard kind == .status else { return self.malformed = .http2UnknownPseudoField }
            return self.takeStatus(value, block)
        }
        guard self.kind == .request else { return self.malformed = .http2PseudoFieldInTrailers }
        let field: Pseudo
        switch kind {
        case .path: field = .path
        case .method: field = .method
        case .scheme: field = .scheme
        case .protocol: field = .protocol
        case .authority: field = .authority
        case .field, .status, .unknownPseudo: return self.malformed = .http2UnknownPseudoField
        }
        guard self.pseudo.insert(field).inserted else { return self.malformed = .http2RepeatedPseudoField }
        if kind == .path, value.count > self.limits.url { return self.refused = .http2URLTooLong }
        guard decoded.facts.isValueGood else { return self.malformed = .http2BadPseudoField }
        // A space behind each, as HeadWriter expects behind a method.
        let range = block.copySpaced(value)
        switch kind {
        case .path: block.setPath(range)
        case .authority: block.setAuthority(range)
        case .scheme: block.setScheme(range)
        case .method: block.setMethod(range)
        default: self.protocolName = range
        }
    }

    private mutating func takeStatus(_ value: ByteView, _ block: HeaderBlock) {
        guard self.pseudo.insert(.status).inserted else { return self.malformed = .http2RepeatedPseudoField }
        guard value.count == 3, let status = value.decimal(), (100...599).contains(status) else {
            return self.malformed = .http2BadStatus
        }
        block.status = Int(status)
    }

    /// One field of the crumbs that a cookie came in (RFC 9113, 8.2.3).
    func joinCookies(_ block: HeaderBlock) {
        guard self.cookies > 1, let first = block.firstIndex(of: .cookie) else { return }
        let start = block.arena.writeIndex
        block.arena.append("cookie: ")
        var index: Int? = first
        var length = 0
        var isNeverIndexed = false
        while let at = index {
            if length > 0 { block.arena.append("; ") }
            // Room first: growth would free what the view shows.
            block.arena.reserve(Int(block[at].valueLength) + 4)
            block.arena.append(block.value(block[at]))
            if block[at].isNeverIndexed { isNeverIndexed = true }
            length = block.arena.writeIndex - start - 8
            index = block.firstIndex(of: .cookie, from: at + 1)
        }
        block.arena.append("\r\n")
        block.removeAll(.cookie)
        block.append(
            HeaderField(
                nameStart: start, nameLength: 6, valueStart: start + 8, valueLength: length, id: .cookie,
                isVerbatim: true, isNeverIndexed: isNeverIndexed))
    }

    mutating func fail(_ error: HTTPError) { self.malformed = error }
}

extension HeaderBlock {
    /// Appends a field with its line, which does not lie in this arena.
    @inline(__always)
    func append(_ field: HPACKField, isNeverIndexed: Bool) {
        let start = self.arena.writeIndex
        self.arena.append(field.line)
        self.append(
            HeaderField(
                nameStart: start, nameLength: field.nameLength, valueStart: start &+ field.nameLength &+ 2,
                valueLength: field.valueLength, id: field.facts.id, isVerbatim: true,
                isNeverIndexed: isNeverIndexed))
    }

    /// Appends a field as a line of HTTP/1. The bytes do not lie in this arena.
    func appendLine(_ name: ByteView, _ value: ByteView, _ id: HeaderID, _ isNeverIndexed: Bool) {
        let arena = self.arena
        arena.reserve(name.count &+ value.count &+ 4)
        let start = arena.writeIndex
        // Room was made: four stores without asking for each.
        let valueStart = start &+ name.count &+ 2
        arena.base.advanced(by: start).copyMemory(from: name.base, byteCount: name.count)
        arena.base.storeBytes(of: Self.colonSpace, toByteOffset: valueStart &- 2, as: UInt16.self)
        arena.base.advanced(by: valueStart).copyMemory(from: value.base, byteCount: value.count)
        arena.base.storeBytes(of: Self.lineEnd, toByteOffset: valueStart &+ value.count, as: UInt16.self)
        arena.writeIndex = valueStart &+ value.count &+ 2
        self.append(
            HeaderField(
                nameStart: start, nameLength: name.count, valueStart: valueStart, valueLength: value.count,
                id: id, isVerbatim: true, isNeverIndexed: isNeverIndexed))
    }

    static var colonSpace: UInt16 { UInt16(bigEndian: 0x3A20) }
    static var lineEnd: UInt16 { UInt16(bigEndian: 0x0D0A) }

    /// A copy of the bytes in the arena, with a space behind it.
    @inline(__always)
    func copySpaced(_ bytes: ByteView) -> ArenaRange {
        let range = self.copy(bytes)
        self.arena.append(ASCII.space)
        return range
    }
}
