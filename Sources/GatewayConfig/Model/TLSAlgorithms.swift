/// Which versions and algorithms of TLS are used; the same for listeners and services.
///
/// What is absent is Mozilla's "intermediate".
public struct TLSAlgorithms: Sendable, Hashable {
    /// Default `TLSv1.2`. Key `minimumVersion`.
    public var minimumVersion: TLSProtocolVersion
    /// Default `TLSv1.3`; not below the minimum. Key `maximumVersion`.
    public var maximumVersion: TLSProtocolVersion
    /// Of TLS 1.2, by OpenSSL's names, the preferred first.
    ///
    /// Key `ciphers`.
    public var ciphers: [String]?
    /// Of TLS 1.3, the preferred first.
    ///
    /// Key `cipherSuites`.
    public var cipherSuites: [String]?
    /// Of key exchanges, the preferred first.
    ///
    /// Key `groups`.
    public var groups: [String]?

    public init(
        minimumVersion: TLSProtocolVersion = .tls12, maximumVersion: TLSProtocolVersion = .tls13,
        ciphers: [String]? = nil, cipherSuites: [String]? = nil, groups: [String]? = nil
    ) {
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.ciphers = ciphers
        self.cipherSuites = cipherSuites
        self.groups = groups
    }
}
