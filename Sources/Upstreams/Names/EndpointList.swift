public import GatewayConfig
public import Reactor

/// The endpoints of a service with its names resolved: what a pool uses until it is given another list.
///
/// Made on the control thread and handed to every worker, apart from the snapshots: a name that changes
/// changes nothing else.
public struct EndpointList: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// What makes it the same endpoint as before, and what logs call it: `127.0.0.1:9001`, or the name
        /// and port of a logical one.
        public let key: String
        /// Where it is; a connection goes to the first that takes it. Not empty.
        public let addresses: [SocketAddress]
        public let weight: Int
        /// The name that the addresses are of; nil: it is configured as an address.
        public var hostName: String?
    }

    public private(set) var entries: [Entry] = []
    /// Names of which nothing has been heard yet: requests may wait for that.
    public private(set) var isPending = false
    /// Names that were looked up, and nobody could ever say what they are.
    public private(set) var isUnresolved = false

    /// No endpoint, and none to come.
    init() {}

    /// The service's addresses; its names are pending.
    public init(_ service: ServiceConfiguration) { self.init(service) { _ in nil } }

    /// - Parameter state: What is known of a name.
    init(_ service: ServiceConfiguration, _ state: (DNSName) -> NameState?) {
        for endpoint in service.endpoints {
            let weight = endpoint.weight.value
            switch endpoint.address {
            case .address(let address): self.add([address], "\(address)", weight, nil)
            case .name(let name):
                guard let known = state(name), known.isResolved || known.isTried else {
                    self.isPending = true
                    continue
                }
                if !known.isResolved { self.isUnresolved = true }
                self.add(known, name, weight, service.dns)
            }
        }
    }

    private mutating func add(_ state: NameState, _ name: DNSName, _ weight: Int, _ dns: DNSConfiguration) {
        switch dns.mode {
        case .strict:
            for address in state.endpoints(dns.family) {
                let address = address.at(port: name.port)
                self.add([address], "\(address)", weight, name.host)
            }
        case .logical:
            let addresses = state.inTurn.map { $0.at(port: name.port) }
            if !addresses.isEmpty { self.add(addresses, "\(name.host):\(name.port)", weight, name.host) }
        }
    }

    private mutating func add(_ addresses: [ListenAddress], _ key: String, _ weight: Int, _ hostName: String?)
    {
        let all = addresses.compactMap { SocketAddress(parsing: $0.description) }
        if all.count == addresses.count {
            self.entries.append(Entry(key: key, addresses: all, weight: weight, hostName: hostName))
        }
    }

    /// The same, but with the endpoints of another list: until this one has some.
    func keeping(_ other: EndpointList) -> EndpointList {
        var copy = self
        copy.entries = other.entries
        return copy
    }
}

extension NameState {
    /// The addresses that are an endpoint each.
    func endpoints(_ family: DNSConfiguration.Family) -> [HostAddress] {
        guard family == .auto else { return self.ipv4 + self.ipv6 }
        if self.ipv4.isEmpty || self.ipv6.isEmpty { return self.ipv4 + self.ipv6 }
        let hasRoute = self.ipv4.contains { address in
            SocketAddress(parsing: "\(address.at(port: 9))").map { Socket.hasRoute(to: $0) } ?? false
        }
        return hasRoute ? self.ipv4 : self.ipv6
    }

    /// Both families in turn, IPv6 first, as connects are tried (RFC 8305, 4).
    var inTurn: [HostAddress] {
        var all: [HostAddress] = []
        for index in 0..<max(self.ipv4.count, self.ipv6.count) {
            if index < self.ipv6.count { all.append(self.ipv6[index]) }
            if index < self.ipv4.count { all.append(self.ipv4[index]) }
        }
        return all
    }
}
