internal import Filtering
internal import Primitives

// From a ``HeaderBlock`` to HPACK's fields: the counterpart of ``HeadWriter``. Names and values are not
// copied, but for names with capitals.

extension HPACKEncoder {
    // Sets of `HeaderID`s, one bit each, beside HeadWriter's.

    /// Secrets, and values that are never the same twice: in nobody's table.
    private static var neverIndexed: UInt64 {
        UInt64(1) << HeaderID.authorization.rawValue | 1 << HeaderID.proxyAuthorization.rawValue
            | 1 << HeaderID.xAPIKey.rawValue | 1 << HeaderID.xRequestID.rawValue
            | 1 << HeaderID.traceparent.rawValue
    }

    mutating func fill(
        _ output: ByteBuffer, response block: HeaderBlock, framing: BodyFraming, options: ResponseHeadOptions
    ) {
        self.begin(in: output)
        // RFC 8441, 4: what a 101 is in HTTP/1.
        self.add(status: options.upgrade ? 200 : block.status, to: output)
        self.add(
            fieldsOf: block, except: HeadWriter.hopByHop | (framing == .chunked ? 0 : HeadWriter.trailer),
            to: output)
        if options.via { self.addVia(options.receivedHTTP2, options.receivedMinorVersion, to: output) }
        if case .length(let bytes) = framing {
            self.add(contentLength: bytes, to: output)
        } else if framing == .none, options.wasHead || block.status == 304,
            let length = block.first(.contentLength)
        {
            self.add(.contentLength, length, isPrivate: false, to: output)
        }
    }

    mutating func fill(
        _ output: ByteBuffer, request block: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions
    ) {
        self.begin(in: output)
        let path = block.path
        if options.upgrade {
            self.add(method: ByteView("CONNECT"), to: output)
            self.add(":protocol", index: 0, block.first(.upgrade) ?? .empty, to: output)
        } else {
            self.add(method: block.method, to: output)
        }
        // CONNECT has neither (RFC 9113, 8.5).
        if !path.isEmpty {
            self.add(scheme: block.scheme, to: output)
            self.add(path: path, to: output)
        }
        self.add(":authority", index: 1, block.authority, to: output)
        self.add(
            fieldsOf: block,
            except: HeadWriter.hopByHop | HeadWriter.requestOnly
                | (framing == .chunked ? 0 : HeadWriter.trailer),
            to: output)
        if let te = block.first(.te), Self.namesTrailers(te) {
            self.add(.te, ByteView("trailers"), isPrivate: false, to: output)
        }
        if options.via { self.addVia(options.receivedHTTP2, options.receivedMinorVersion, to: output) }
        if options.expectContinue {
            self.add(.expect, ByteView("100-continue"), isPrivate: false, to: output)
        }
        if case .length(let bytes) = framing { self.add(contentLength: bytes, to: output) }
    }

    mutating func fill(_ output: ByteBuffer, trailers block: HeaderBlock) {
        self.begin(in: output)
        self.add(fieldsOf: block, except: Self.notInTrailers, to: output)
    }

    private static var notInTrailers: UInt64 {
        HeadWriter.hopByHop | HeadWriter.trailer | HeadWriter.requestOnly
    }

    private mutating func addVia(_ isHTTP2: Bool, _ minorVersion: UInt8, to output: ByteBuffer) {
        let value: StaticString = isHTTP2 ? "2 postern" : minorVersion == 0 ? "1.0 postern" : "1.1 postern"
        self.add(.via, ByteView(value), isPrivate: false, to: output)
    }

    /// Whether a `te` lists "trailers", the only coding that HTTP/2 lets pass.
    private static func namesTrailers(_ value: ByteView) -> Bool {
        var codings = ListElements(value)
        while let coding = codings.next() {
            if coding.equalsIgnoringCase(ByteView("trailers")) { return true }
        }
        return false
    }

    private static var shortCookie: Int { 20 }

    private mutating func add(fieldsOf block: HeaderBlock, except: UInt64, to output: ByteBuffer) {
        let isPrivate = Self.neverIndexed
        for index in 0..<block.count {
            let field = block[index]
            let bit = UInt64(1) << UInt64(field.id.rawValue)
            if except & bit != 0 { continue }
            let value = block.value(field)
            if field.id != .other {
                // A short cookie can be guessed byte by byte by who sees how long heads are (RFC 7541,
                // 7.1.3).
                let isSecret = field.id == .cookie && value.count < Self.shortCookie
                self.add(
                    field.id, value, isPrivate: isPrivate & bit != 0 || isSecret || field.isNeverIndexed,
                    to: output)
            } else {
                let name = block.name(field)
                if HTTP2Syntax.hasCapitals(name) {
                    self.addFolded(name, value, isPrivate: field.isNeverIndexed, to: output)
                } else {
                    self.add(name, value, isPrivate: field.isNeverIndexed, to: output)
                }
            }
        }
    }

    // MARK: Trailers that must wait

    /// Keeps trailers as text: they can be encoded only when they are sent, since heads must reach the peer
    /// in the order in which they were encoded.
    static func save(trailers block: HeaderBlock, to buffer: ByteBuffer) {
        for index in 0..<block.count {
            let field = block[index]
            if Self.notInTrailers >> UInt64(field.id.rawValue) & 1 != 0 { continue }
            buffer.append(integer32: UInt32(field.nameLength) | (field.isNeverIndexed ? 1 << 31 : 0))
            buffer.append(integer32: field.valueLength)
            buffer.append(block.name(field))
            buffer.append(block.value(field))
        }
    }

    /// - Parameter saved: As ``save(trailers:to:)`` left it.
    mutating func fill(_ output: ByteBuffer, saved: ByteView) {
        self.begin(in: output)
        var rest = saved
        while rest.count >= 8 {
            let length = rest.integer32(at: 0)
            let nameEnd = 8 + Int(length & 0xFFFF)
            let valueEnd = nameEnd + Int(rest.integer32(at: 4))
            self.addFolded(
                rest[8..<nameEnd], rest[nameEnd..<valueEnd], isPrivate: length >> 31 != 0, to: output)
            rest = rest.dropFirst(valueEnd)
        }
    }
}
