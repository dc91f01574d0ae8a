public import Primitives

/// What a PROXY header says (HAProxy's "The PROXY protocol", versions 1 and 2): between whom the connection
/// is for which another proxy stands.
public struct ProxyHeader: Sendable, Hashable {
    /// Where a connection comes from or goes to.
    public struct Place: Sendable, Hashable {
        public var address: IPAddress
        public var port: UInt16

        public init(_ address: IPAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// Whom the header names.
    public enum Ends: Sendable, Hashable {
        /// The proxy speaks for itself, to check health (`LOCAL`), or does not know for whom (`UNKNOWN`,
        /// `AF_UNSPEC`): the connection's own addresses hold.
        case own
        /// Both of one family.
        case addresses(source: Place, destination: Place)
        /// A Unix socket on the proxy's machine; its paths mean nothing here.
        case unix
    }

    public var ends: Ends

    public init(_ ends: Ends) { self.ends = ends }

    /// How the header is written.
    public enum Version: Sendable, Hashable { case one, two }
}

/// Why bytes are no PROXY header.
public enum ProxyHeaderError: Error, Sendable, Hashable {
    /// They begin as neither version does.
    case noSignature
    /// Version 1: the line is longer than 107 bytes, or does not end with CR LF.
    case badLine
    /// Version 1: the protocol is none of `TCP4`, `TCP6` and `UNKNOWN`.
    case badProtocol
    /// Version 1: an address is none of its family, or a port is none.
    case badAddress
    /// Version 2: the version is not 2, or the command neither `LOCAL` nor `PROXY`.
    case badCommand
    /// Version 2: the family or the transport is none that the specification has.
    case badFamily
    /// Version 2: too short for its addresses, or a TLV is longer than what is left.
    case badLength
    /// Version 2: longer than is read here.
    case tooLong
    /// A transport without a stream (`UDP`) on a stream.
    case notAStream

    /// What was wrong, for a log.
    public var details: StaticString {
        switch self {
        case .noSignature: "proxy_header_missing"
        case .badLine: "proxy_header_bad_line"
        case .badProtocol: "proxy_header_bad_protocol"
        case .badAddress: "proxy_header_bad_address"
        case .badCommand: "proxy_header_bad_command"
        case .badFamily: "proxy_header_bad_family"
        case .badLength: "proxy_header_bad_length"
        case .tooLong: "proxy_header_too_long"
        case .notAStream: "proxy_header_not_a_stream"
        }
    }
}

/// What reading a PROXY header gave.
public enum ProxyHeaderResult: Sendable, Hashable {
    /// It goes on: show the same bytes with more behind them.
    case incomplete
    /// It took this many bytes; what follows is the client's.
    case complete(ProxyHeader, bytes: Int)
    case failed(ProxyHeaderError)
}
