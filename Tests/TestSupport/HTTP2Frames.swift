/// Builds frames of HTTP/2 byte by byte, valid or not, so that no codec stands between a test and the wire.
public enum HTTP2Frames {
    public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// A frame of any kind; `length` may lie about the payload.
    public static func frame(
        _ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
    ) -> [UInt8] {
        let length = UInt32(length ?? payload.count)
        return self.integer(length).dropFirst() + [kind, flags] + self.integer(stream) + payload
    }

    /// Four bytes, most significant first.
    public static func integer(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
    }

    public static func settings(_ entries: [(UInt16, UInt32)] = [], ack: Bool = false) -> [UInt8] {
        self.frame(
            4, flags: ack ? 1 : 0,
            entries.flatMap {
                [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] + self.integer($1)
            })
    }

    /// What a client, or a server, says first.
    public static func opening(client: Bool = true, _ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
        (client ? self.preface : []) + self.settings(entries)
    }

    /// A head in one frame, fields as literals that enter no table.
    public static func headers(
        _ stream: UInt32, _ fields: [(String, String)], end: Bool = true, endHeaders: Bool = true
    ) -> [UInt8] {
        self.frame(
            1, flags: (end ? 1 : 0) | (endHeaders ? 4 : 0), stream: stream, self.block(fields))
    }

    public static func continuation(_ stream: UInt32, _ block: [UInt8], endHeaders: Bool) -> [UInt8] {
        self.frame(9, flags: endHeaders ? 4 : 0, stream: stream, block)
    }

    public static func data(_ stream: UInt32, _ text: String, end: Bool = false) -> [UInt8] {
        self.frame(0, flags: end ? 1 : 0, stream: stream, Array(text.utf8))
    }

    public static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
        self.frame(3, stream: stream, self.integer(code))
    }

    public static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        self.frame(8, stream: stream, self.integer(increment))
    }

    public static func ping(_ data: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8], ack: Bool = false) -> [UInt8] {
        self.frame(6, flags: ack ? 1 : 0, data)
    }

    public static func goAway(_ last: UInt32, _ code: UInt32 = 0) -> [UInt8] {
        self.frame(7, self.integer(last) + self.integer(code))
    }

    /// The fields of a plain request.
    public static func request(_ path: String = "/", method: String = "GET") -> [(String, String)] {
        [(":method", method), (":scheme", "https"), (":authority", "a.example"), (":path", path)]
    }

    /// Literals without indexing (RFC 7541, 6.2.2), not compressed.
    public static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + self.string($0) + self.string($1) }
    }

    /// A string literal (RFC 7541, 5.2).
    public static func string(_ text: String) -> [UInt8] {
        self.prefixed(text.utf8.count, bits: 7, first: 0) + Array(text.utf8)
    }

    /// An integer with a prefix of so many bits (RFC 7541, 5.1).
    public static func prefixed(_ value: Int, bits: Int, first: UInt8) -> [UInt8] {
        let most = 1 << bits - 1
        if value < most { return [first | UInt8(value)] }
        var bytes = [first | UInt8(most)]
        var rest = value - most
        while rest >= 128 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// A frame as it was written.
public struct HTTP2RawFrame: Equatable, CustomStringConvertible, Sendable {
    public let kind: UInt8
    public let flags: UInt8
    public let stream: UInt32
    public let payload: [UInt8]

    /// The frames of a connection's bytes, without the preface; a cut one at the end is left out.
    public static func all(_ bytes: [UInt8]) -> [HTTP2RawFrame] {
        var frames: [HTTP2RawFrame] = []
        var rest = bytes[...]
        if rest.starts(with: HTTP2Frames.preface) { rest = rest.dropFirst(HTTP2Frames.preface.count) }
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + length else { break }
            let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                HTTP2RawFrame(
                    kind: head[3], flags: head[4], stream: stream,
                    payload: Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }

    /// Four bytes of the payload as a number.
    public func integer(at offset: Int) -> UInt32 {
        self.payload.dropFirst(offset).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    static let codes = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
        "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    private func code(at offset: Int) -> String {
        let number = Int(self.integer(at: offset))
        return number < Self.codes.count ? Self.codes[number] : "\(number)"
    }

    /// `RST_STREAM 1 CANCEL`, `DATA 1 abc END`, and so on.
    public var description: String {
        let end = self.flags & 1 != 0 ? " END" : ""
        switch self.kind {
        case 0: return "DATA \(self.stream) \(String(decoding: self.payload, as: UTF8.self))\(end)"
        case 1: return "HEADERS \(self.stream)\(end)"
        case 3: return "RST_STREAM \(self.stream) \(self.code(at: 0))"
        case 4: return self.flags & 1 != 0 ? "SETTINGS ACK" : "SETTINGS"
        case 6: return self.flags & 1 != 0 ? "PING ACK" : "PING"
        case 7: return "GOAWAY \(self.integer(at: 0) & 0x7FFF_FFFF) \(self.code(at: 4))"
        case 8: return "WINDOW_UPDATE \(self.stream) \(self.integer(at: 0))"
        case 9: return "CONTINUATION \(self.stream)"
        default: return "FRAME \(self.kind) \(self.stream)"
        }
    }
}
