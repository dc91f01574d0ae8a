/// What a service speaks.
public enum ServiceProtocol: String, Sendable, Hashable, CaseIterable {
    case http1
    /// HTTP/2 from the first byte; over TLS by ALPN, which must agree.
    case http2
    /// With TLS what ALPN picks, HTTP/2 first; without TLS HTTP/1.1.
    case auto
}
