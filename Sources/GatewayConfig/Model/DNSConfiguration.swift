/// How the names among a service's endpoints are resolved.
public struct DNSConfiguration: Sendable, Hashable {
    /// What a name with several addresses is.
    public enum Mode: String, Sendable, CaseIterable {
        /// Each address is an endpoint of its own, as Envoy's STRICT_DNS.
        case strict
        /// All of them are one endpoint, as Envoy's LOGICAL_DNS; a connection goes to the address that takes
        /// it first.
        case logical
    }

    /// Which addresses are asked for and used.
    public enum Family: String, Sendable, CaseIterable {
        /// Strict: IPv4 addresses when there are any that can be reached, else IPv6. Logical: both.
        case auto
        case ipv4
        case ipv6
        /// Both.
        case all
    }

    /// Default `strict`; `strict` or `logical`. Key `mode`.
    public var mode: Mode
    /// Default `auto`; `auto`, `ipv4`, `ipv6` or `all`. Key `family`.
    public var family: Family
    /// The servers that are asked, in this order; empty: those of `/etc/resolv.conf`.
    ///
    /// Default none; at most 8. Key `resolvers`.
    public var resolvers: [ListenAddress]
    /// When a name is looked up again.
    ///
    /// Key `refresh`.
    public var refresh: DNSRefresh
    /// A file in the form of `/etc/hosts`, whose names no server is asked for.
    ///
    /// Default `/etc/hosts`. Key `hosts`.
    public var hostsPath: String

    public init(
        mode: Mode = .strict, family: Family = .auto, resolvers: [ListenAddress] = [],
        refresh: DNSRefresh = DNSRefresh(), hostsPath: String = "/etc/hosts"
    ) {
        self.mode = mode
        self.family = family
        self.resolvers = resolvers
        self.refresh = refresh
        self.hostsPath = hostsPath
    }
}
