public import Filtering
public import Primitives

/// How a request's head is written for the service.
public struct RequestHeadOptions: Sendable {
    /// The minor version that the client spoke, for `Via`.
    public var receivedMinorVersion: UInt8 = 1
    /// The client spoke HTTP/2.
    public var receivedHTTP2 = false
    /// Ask to switch to the protocol that the block's `upgrade` field names.
    public var upgrade = false
    /// Ask for a 100 before the body.
    public var expectContinue = false
    /// Let the service keep the connection.
    public var keepAlive = true
    /// Add `Via` (RFC 9110, 7.6.3).
    public var via = true

    public init() {}
}

/// How a response's head is written for the client.
public struct ResponseHeadOptions: Sendable {
    /// The minor version that the client spoke.
    public var minorVersion: UInt8 = 1
    /// The minor version that the service spoke, for `Via`.
    public var receivedMinorVersion: UInt8 = 1
    /// The service spoke HTTP/2.
    public var receivedHTTP2 = false
    public var keepAlive = true
    /// The response is a 101: name the protocol of the block's `upgrade` field.
    public var upgrade = false
    /// The request was HEAD: `content-length` tells of a body that does not follow, and is kept; so it is in
    /// a 304.
    public var wasHead = false
    /// Add `Via`; for a local reply it has no place.
    public var via = true

    public init() {}
}

/// Writes heads and chunk framing.
///
/// Framing and the connection's fields come from what the caller says, never from the block; fields that
/// nobody changed are copied as received, neighbours in one go.
public enum HeadWriter {
    // Sets of `HeaderID`s, one bit each; constants, so they stand in the instructions. A test spells them
    // out.

    /// `content-length` up to `http2-settings`: what the writer makes itself or what ends at this hop.
    static var hopByHop: UInt64 { 0b101_1111_1100 }
    /// `trailer`, which says nothing without chunks.
    static var trailer: UInt64 { 1 << 9 }
    /// `host` and `expect`.
    static var requestOnly: UInt64 { 1 << 1 | 1 << 11 }

    /// Writes a request's head in HTTP/1.1.
    ///
    /// - Parameter block: A request whose authority is set, or `Host` is written empty.
    public static func writeRequest(
        _ block: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions, to buffer: ByteBuffer
    ) {
        buffer.reserve(block.writtenSizeBound)
        let method = block.method
        let path = block.path
        if path.base == method.base + (method.count &+ 1), !path.isEmpty {
            // As received: one behind the other, with the space between them.
            buffer.append(ByteView(base: method.base, count: method.count &+ 1 &+ path.count))
        } else {
            buffer.append(method)
            buffer.append(ASCII.space)
            // CONNECT has no path: its target is the authority.
            buffer.append(path.isEmpty ? block.authority : path)
        }
        buffer.append(" HTTP/1.1\r\nHost: ")
        buffer.append(block.authority)
        buffer.append("\r\n")
        Self.writeFields(
            block, except: Self.hopByHop | Self.requestOnly | (framing == .chunked ? 0 : Self.trailer),
            to: buffer
        )
        if options.via {
            Self.writeVia(options.receivedHTTP2, options.receivedMinorVersion, to: buffer)
        }
        if options.expectContinue { buffer.append("Expect: 100-continue\r\n") }
        Self.writeFraming(framing, to: buffer)
        if options.upgrade {
            Self.writeUpgrade(block, to: buffer)
        } else if !options.keepAlive {
            buffer.append("Connection: close\r\n")
        }
        buffer.append("\r\n")
    }

    /// Writes a response's head in HTTP/1.1, which is also how HTTP/1.0 clients are answered (RFC 9110, 6.2).
    ///
    /// - Parameter framing: ``BodyFraming/forClient(minorVersion:)`` has been applied.
    public static func writeResponse(
        _ block: HeaderBlock, framing: BodyFraming, options: ResponseHeadOptions, to buffer: ByteBuffer
    ) {
        buffer.reserve(block.writtenSizeBound)
        buffer.append("HTTP/1.1 ")
        buffer.appendDecimal(UInt64(block.status))
        buffer.append(ASCII.space)
        let reason = block.reason
        if reason.isEmpty { buffer.append(ReasonPhrase.of(block.status)) } else { buffer.append(reason) }
        buffer.append("\r\n")
        Self.writeFields(block, except: Self.hopByHop | (framing == .chunked ? 0 : Self.trailer), to: buffer)
        if options.via {
            Self.writeVia(options.receivedHTTP2, options.receivedMinorVersion, to: buffer)
        }
        if framing == .none, options.wasHead || block.status == 304, let length = block.first(.contentLength)
        {
            buffer.append("Content-Length: ")
            buffer.append(length)
            buffer.append("\r\n")
        }
        Self.writeFraming(framing, to: buffer)
        if options.upgrade {
            Self.writeUpgrade(block, to: buffer)
        } else if block.status >= 200 {
            if !options.keepAlive {
                buffer.append("Connection: close\r\n")
            } else if options.minorVersion == 0 {
                buffer.append("Connection: keep-alive\r\n")
            }
        }
        buffer.append("\r\n")
    }

    /// Writes what goes before `length` bytes of a chunk, which must not be 0.
    ///
    /// Call ``writeChunkEnd(to:)`` behind the bytes.
    public static func writeChunkHeader(length: Int, to buffer: ByteBuffer) {
        assert(length > 0, "a chunk of 0 bytes would end the body")
        buffer.appendHexadecimal(UInt64(length))
        buffer.append("\r\n")
    }

    /// Writes what goes behind the bytes of a chunk.
    @inlinable
    public static func writeChunkEnd(to buffer: ByteBuffer) { buffer.append("\r\n") }

    /// Ends a chunked body.
    public static func writeLastChunk(trailers: HeaderBlock?, to buffer: ByteBuffer) {
        buffer.append("0\r\n")
        if let trailers, trailers.count > 0 {
            buffer.reserve(trailers.writtenSizeBound)
            Self.writeFields(trailers, except: Self.hopByHop | Self.trailer | Self.requestOnly, to: buffer)
        }
        buffer.append("\r\n")
    }

    private static func writeVia(_ isHTTP2: Bool, _ minorVersion: UInt8, to buffer: ByteBuffer) {
        if isHTTP2 {
            buffer.append("Via: 2 postern\r\n")
        } else {
            buffer.append(minorVersion == 0 ? "Via: 1.0 postern\r\n" : "Via: 1.1 postern\r\n")
        }
    }

    private static func writeFraming(_ framing: BodyFraming, to buffer: ByteBuffer) {
        switch framing {
        case .none, .untilClose: break
        case .chunked: buffer.append("Transfer-Encoding: chunked\r\n")
        case .length(let bytes):
            buffer.append("Content-Length: ")
            buffer.appendDecimal(bytes)
            buffer.append("\r\n")
        }
    }

    private static func writeUpgrade(_ block: HeaderBlock, to buffer: ByteBuffer) {
        buffer.append("Connection: upgrade\r\nUpgrade: ")
        if let token = block.first(.upgrade) { buffer.append(token) }
        buffer.append("\r\n")
    }

    /// Copies fields, but for those whose number is in `except`.
    private static func writeFields(_ block: HeaderBlock, except: UInt64, to buffer: ByteBuffer) {
        var runStart = 0
        var runEnd = 0
        for index in 0..<block.count {
            let field = block[index]
            if except >> UInt64(field.id.rawValue) & 1 != 0 { continue }
            let start = Int(field.nameStart)
            if field.isVerbatim, start == runEnd {
                runEnd = Int(field.valueStart &+ field.valueLength) &+ 2
                continue
            }
            if runEnd > runStart { buffer.append(block.arena.view(at: runStart, runEnd &- runStart)) }
            if field.isVerbatim {
                runStart = start
                runEnd = Int(field.valueStart &+ field.valueLength) &+ 2
                continue
            }
            runStart = 0
            runEnd = 0
            buffer.append(block.name(field))
            buffer.append(": ")
            buffer.append(block.value(field))
            buffer.append("\r\n")
        }
        if runEnd > runStart { buffer.append(block.arena.view(at: runStart, runEnd &- runStart)) }
    }
}

extension HeaderBlock {
    /// At least the bytes of the head when written: every byte of a field lies in the arena, once.
    var writtenSizeBound: Int { self.arena.writeIndex &+ self.count &* 4 &+ 256 }
}
