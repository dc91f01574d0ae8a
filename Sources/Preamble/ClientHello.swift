public import Primitives

/// What a client's first TLS message asks for: the facts that choose a route, copied out of it.
///
/// One for each connection that is looked into; ``ClientHelloParser`` fills it.
public final class ClientHello {
    /// Name and protocols, in the order in which they came.
    let text = ByteBuffer(capacity: 512)
    var name = 0..<0
    var protocols = 0..<0
    /// The highest version that the client offers: 0x0303 is TLS 1.2, 0x0304 TLS 1.3; 0 before it is known.
    public internal(set) var highestVersion: UInt16 = 0

    public init() {}

    /// The server's name (SNI) in lower case; empty when the client sent none. Until ``reset()``.
    public var serverName: ByteView { self.text.view(at: self.name.lowerBound, self.name.count) }

    /// The protocols that the client offers (ALPN), each behind a byte with its length; empty when it sent
    /// none.
    public var protocolList: ByteView { self.text.view(at: self.protocols.lowerBound, self.protocols.count) }

    /// Whether the client offers `name` as its application protocol (ALPN); compared with case.
    public func offersProtocol(_ name: ByteView) -> Bool {
        var found = false
        self.forEachProtocol { if $0 == name { found = true } }
        return found
    }

    /// Calls `body` with each protocol that the client offers, the one it likes best first.
    public func forEachProtocol(_ body: (ByteView) -> Void) {
        var at = self.protocols.lowerBound
        while at < self.protocols.upperBound {
            let length = Int(self.text.view(at: at, 1)[0])
            body(self.text.view(at: at + 1, length))
            at += 1 + length
        }
    }

    /// Forgets everything, for another connection.
    public func reset() {
        self.text.reset()
        self.name = 0..<0
        self.protocols = 0..<0
        self.highestVersion = 0
    }
}

/// Why bytes are no ClientHello.
public enum ClientHelloError: Error, Sendable, Hashable {
    /// A record that is no handshake record of TLS 1.x, is empty, or longer than 2^14 bytes.
    case badRecord
    /// The first message is another one.
    case notClientHello
    /// The version is none of SSL 3 to TLS 1.3.
    case badVersion
    /// The message is longer than the limit.
    case tooLong
    /// A length within does not fit where it stands.
    case badLength
    /// An extension that is looked at stands there twice.
    case repeatedExtension
    /// The server's name is empty, no host name, or not the only one.
    case badServerName

    /// What was wrong, for a log.
    public var details: StaticString {
        switch self {
        case .badRecord: "tls_bad_record"
        case .notClientHello: "tls_no_client_hello"
        case .badVersion: "tls_bad_version"
        case .tooLong: "tls_client_hello_too_long"
        case .badLength: "tls_client_hello_bad_length"
        case .repeatedExtension: "tls_client_hello_repeated_extension"
        case .badServerName: "tls_bad_server_name"
        }
    }
}

/// What reading a ClientHello gave.
public enum ClientHelloResult: Sendable, Hashable {
    /// It goes on: show the same bytes with more behind them.
    case incomplete
    case complete
    case failed(ClientHelloError)
}
