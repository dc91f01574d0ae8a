internal import COpenSSL

/// Versions and algorithms of a server's or a client's contexts.
///
/// The defaults are Mozilla's "intermediate" without the Diffie-Hellman groups of finite fields, which no
/// client of today needs.
public struct TLSParameters: Sendable, Hashable {
    public var minimum = TLSVersion.tls12
    public var maximum = TLSVersion.tls13
    /// Of TLS 1.2, by OpenSSL's names, in order of preference.
    public var ciphers = Self.defaultCiphers
    /// Of TLS 1.3, in order of preference.
    public var suites = Self.defaultSuites
    /// Of key exchanges, in order of preference.
    public var groups = Self.defaultGroups
    /// Protocols to agree on, in a server's order of preference; empty: the extension is not used.
    public var alpn: [String] = []

    public init() {}

    public static let defaultCiphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ]
    public static let defaultSuites = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ]
    public static let defaultGroups = ["X25519", "P-256", "P-384"]

    /// Whether it is a cipher of TLS 1.2 that encrypts and authenticates.
    public static func isCipher(_ name: String) -> Bool { postern_tls_knows_cipher(name) }
    public static func isSuite(_ name: String) -> Bool { postern_tls_knows_suite(name) }
    public static func isGroup(_ name: String) -> Bool { postern_tls_knows_group(name) }

    /// Each protocol with its length before it (RFC 7301, 3.1).
    var alpnBytes: [UInt8] {
        self.alpn.flatMap { name in [UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8) }
    }
}
