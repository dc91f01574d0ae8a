/// What clients of a listener speak.
public enum ListenerProtocol: String, Sendable, Hashable, CaseIterable {
    /// Each connection's first bytes tell: TLS or plain text, HTTP/1 or HTTP/2, or something else, which goes
    /// by the TCP routes.
    case auto
    /// HTTP alone.
    case http
    /// Bytes, which go by the TCP routes.
    case tcp
}
