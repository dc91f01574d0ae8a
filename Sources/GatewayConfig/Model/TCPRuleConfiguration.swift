public import Primitives

/// Which connections of a TCP route, and where they go.
public struct TCPRuleConfiguration: Sendable {
    /// The connections; all conditions must hold.
    ///
    /// Default every connection. Key `match`.
    public var match: TCPMatch
    /// It goes to one of these services, in proportion to their weights; at least one, and the weights' sum
    /// is positive.
    ///
    /// Required: exactly one of the keys `service`, which gives one, and `split`, which gives several.
    public var services: [WeightedService]
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(
        match: TCPMatch = TCPMatch(), services: [WeightedService], location: ConfigLocation = .none
    ) {
        self.match = match
        self.services = services
        self.location = location
    }
}

/// The conditions of a TCP rule; all must hold, and no condition matches every connection.
public struct TCPMatch: Sendable, Hashable {
    /// The names that TLS clients ask for (SNI), in lower case: exact (`a.example.com`), below a domain
    /// (`*.example.com`) or any (`*`); empty: any, none included.
    ///
    /// Default any; one name or a list. Key `sni`.
    public var serverNames: [String]
    /// The application protocols (ALPN) that TLS clients offer, or have agreed to where the listener has
    /// `tls`; empty: any, none included.
    ///
    /// Default any; one name or a list. Key `alpn`.
    public var applicationProtocols: [String]
    /// Where clients are; empty: anywhere.
    ///
    /// Default anywhere; one address or range, or a list. Key `sourceAddresses`.
    public var sourceAddresses: [IPRange]

    public init(
        serverNames: [String] = [], applicationProtocols: [String] = [], sourceAddresses: [IPRange] = []
    ) {
        self.serverNames = serverNames
        self.applicationProtocols = applicationProtocols
        self.sourceAddresses = sourceAddresses
    }

    /// Whether it matches every connection.
    public var isAny: Bool {
        self.serverNames.isEmpty && self.applicationProtocols.isEmpty && self.sourceAddresses.isEmpty
    }
}

/// How long a connection of a TCP route may take.
public struct TCPTimeouts: Sendable, Hashable {
    /// The longest pause without a byte in either direction.
    ///
    /// Default 1h; 1ms...24h. Key `idle`.
    public var idle: Duration

    public init(idle: Duration = .seconds(3600)) { self.idle = idle }
}

/// How many connections a TCP route may have.
public struct TCPLimits: Sendable, Hashable {
    /// The most at a time, of all workers together; further ones are closed. nil: no limit of its own.
    ///
    /// Default none; 1...1000000. Key `connections`.
    public var connections: Int?

    public init(connections: Int? = nil) { self.connections = connections }
}
