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

    mutating func fill(response block: HeaderBlock, framing: BodyFraming, options: ResponseHeadOptions) {
        self.begin(bound: block.arena.writeIndex + 64)
        // RFC 8441, 4: what a 101 is in HTTP/1.
        self.add(":status", number: UInt64(options.upgrade ? 200 : block.status))
        self.add(
            fieldsOf: block, except: HeadWriter.hopByHop | (framing == .chunked ? 0 : HeadWriter.trailer))
        if options.via { self.addVia(options.receivedHTTP2, options.receivedMinorVersion) }
        if case .length(let bytes) = framing {
            self.add("content-length", number: bytes)
        } else if framing == .none, options.wasHead || block.status == 304,
            let length = block.first(.contentLength)
        {
            self.add(ByteView("content-length"), length)
        }
    }

    mutating func fill(request block: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions) {
        self.begin(bound: block.arena.writeIndex + 64)
        let path = block.path
        if options.upgrade {
            self.add(ByteView(":method"), ByteView("CONNECT"))
            self.add(ByteView(":protocol"), block.first(.upgrade) ?? .empty)
        } else {
            self.add(ByteView(":method"), block.method)
        }
        // CONNECT has neither (RFC 9113, 8.5).
        if !path.isEmpty {
            self.add(ByteView(":scheme"), block.scheme)
            self.add(ByteView(":path"), path)
        }
        self.add(ByteView(":authority"), block.authority)
        self.add(
            fieldsOf: block,
            except: HeadWriter.hopByHop | HeadWriter.requestOnly
                | (framing == .chunked ? 0 : HeadWriter.trailer))
        if let te = block.first(.te), Self.namesTrailers(te) {
            self.add(ByteView("te"), ByteView("trailers"))
        }
        if options.via { self.addVia(options.receivedHTTP2, options.receivedMinorVersion) }
        if options.expectContinue { self.add(ByteView("expect"), ByteView("100-continue")) }
        if case .length(let bytes) = framing { self.add("content-length", number: bytes) }
    }

    mutating func fill(trailers block: HeaderBlock) {
        self.begin(bound: block.arena.writeIndex)
        self.add(fieldsOf: block, except: Self.notInTrailers)
    }

    private static var notInTrailers: UInt64 {
        HeadWriter.hopByHop | HeadWriter.trailer | HeadWriter.requestOnly
    }

    private mutating func addVia(_ isHTTP2: Bool, _ minorVersion: UInt8) {
        let value: StaticString = isHTTP2 ? "2 postern" : minorVersion == 0 ? "1.0 postern" : "1.1 postern"
        self.add(ByteView("via"), ByteView(value))
    }

    /// Whether a `te` lists "trailers", the only coding that HTTP/2 lets pass.
    private static func namesTrailers(_ value: ByteView) -> Bool {
        var codings = ListElements(value)
        while let coding = codings.next() {
            if coding.equalsIgnoringCase(ByteView("trailers")) { return true }
        }
        return false
    }

    private mutating func add(fieldsOf block: HeaderBlock, except: UInt64) {
        let isPrivate = Self.neverIndexed
        for index in 0..<block.count {
            let field = block[index]
            let bit = UInt64(1) << UInt64(field.id.rawValue)
            if except & bit != 0 { continue }
            if field.id != .other {
                self.add(
                    ByteView(field.id.name), block.value(field),
                    isPrivate: isPrivate & bit != 0 || field.isNeverIndexed)
            } else {
                let name = block.name(field)
                if HTTP2Syntax.hasCapitals(name) {
                    self.addFolded(name, block.value(field), isPrivate: field.isNeverIndexed)
                } else {
                    self.add(name, block.value(field), isPrivate: field.isNeverIndexed)
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

    /// - Parameter saved: As ``save(trailers:to:)`` left it; lives until the block is written.
    mutating func fill(saved: ByteView) {
        self.begin(bound: saved.count)
        var rest = saved
        while rest.count >= 8 {
            let length = rest.integer32(at: 0)
            let nameEnd = 8 + Int(length & 0xFFFF)
            let valueEnd = nameEnd + Int(rest.integer32(at: 4))
            self.addFolded(rest[8..<nameEnd], rest[nameEnd..<valueEnd], isPrivate: length >> 31 != 0)
            rest = rest.dropFirst(valueEnd)
        }
    }
}
