/// A version of TLS, as the configuration writes it.
public enum TLSProtocolVersion: String, Sendable, Hashable, CaseIterable {
    case tls12 = "TLSv1.2"
    case tls13 = "TLSv1.3"
}
