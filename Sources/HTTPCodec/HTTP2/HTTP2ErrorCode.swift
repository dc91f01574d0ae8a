internal import Primitives

/// Why a stream or a connection ended (RFC 9113, 7).
public struct HTTP2ErrorCode: Sendable, Hashable, RawRepresentable {
    public let rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable public static var noError: Self { Self(rawValue: 0x0) }
    @inlinable public static var protocolError: Self { Self(rawValue: 0x1) }
    @inlinable public static var internalError: Self { Self(rawValue: 0x2) }
    @inlinable public static var flowControlError: Self { Self(rawValue: 0x3) }
    @inlinable public static var settingsTimeout: Self { Self(rawValue: 0x4) }
    @inlinable public static var streamClosed: Self { Self(rawValue: 0x5) }
    @inlinable public static var frameSizeError: Self { Self(rawValue: 0x6) }
    /// The stream was not looked at: the request may be sent again.
    @inlinable public static var refusedStream: Self { Self(rawValue: 0x7) }
    @inlinable public static var cancel: Self { Self(rawValue: 0x8) }
    @inlinable public static var compressionError: Self { Self(rawValue: 0x9) }
    @inlinable public static var connectError: Self { Self(rawValue: 0xA) }
    @inlinable public static var enhanceYourCalm: Self { Self(rawValue: 0xB) }
    @inlinable public static var inadequateSecurity: Self { Self(rawValue: 0xC) }
    @inlinable public static var http11Required: Self { Self(rawValue: 0xD) }

    /// The name in the RFC's registry; `UNKNOWN` for numbers that are not in it.
    public var name: StaticString {
        switch self.rawValue {
        case 0x0: "NO_ERROR"
        case 0x1: "PROTOCOL_ERROR"
        case 0x2: "INTERNAL_ERROR"
        case 0x3: "FLOW_CONTROL_ERROR"
        case 0x4: "SETTINGS_TIMEOUT"
        case 0x5: "STREAM_CLOSED"
        case 0x6: "FRAME_SIZE_ERROR"
        case 0x7: "REFUSED_STREAM"
        case 0x8: "CANCEL"
        case 0x9: "COMPRESSION_ERROR"
        case 0xA: "CONNECT_ERROR"
        case 0xB: "ENHANCE_YOUR_CALM"
        case 0xC: "INADEQUATE_SECURITY"
        case 0xD: "HTTP_1_1_REQUIRED"
        default: "UNKNOWN"
        }
    }
}

/// Which end of a connection we are.
public enum HTTP2Side: Sendable {
    case server, client
}

/// Why a stream is over.
public enum HTTP2StreamEnd: Sendable, Hashable {
    /// Both sides have sent all.
    case finished
    /// The peer ended it with RST_STREAM.
    case resetByPeer(HTTP2ErrorCode)
    /// The peer broke a rule, or sent a malformed message, and we ended it.
    case failed(HTTP2ErrorCode)
    /// The peer said that it has not looked at the stream (GOAWAY, REFUSED_STREAM): the request may be sent
    /// again.
    case unprocessed
    /// The connection ended under it.
    case connectionEnded(HTTP2ErrorCode)
}

/// Why a connection can no longer be used.
public struct HTTP2Failure: Sendable, Hashable {
    public let code: HTTP2ErrorCode
    /// A word for the log, in lower case joined by "_"; docs/reference/http2.md lists all.
    public let details: StaticString

    init(_ code: HTTP2ErrorCode, _ details: StaticString) {
        self.code = code
        self.details = details
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.code == b.code && ByteView(a.details) == ByteView(b.details)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.code) }
}
