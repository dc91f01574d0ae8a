public import GatewayConfig
internal import Primitives
public import Reactor
public import Telemetry

/// Keeps the names of all services resolved; for the control thread, whose loop it works in.
///
/// Lives outside snapshots, as pools do: a reload that leaves a name in place leaves what is known of it.
public final class NameDirectory {
    private static let resolverFile = "/etc/resolv.conf"

    private let loop: EventLoop
    private let log: Log
    let metrics: NameMetrics
    private let tell: (String, EndpointList) -> Void
    private var names: [TrackedName.Key: TrackedName] = [:]
    private var services: [ServiceConfiguration] = []
    /// By service: what workers were told last.
    private var lists: [String: EndpointList] = [:]
    /// By servers.
    private var clients: [[ListenAddress]: DNSClient] = [:]
    private var isAdopting = false
    var random = RandomSource()

    /// - Parameter changed: Called with a service and its endpoints when these are others than before.
    public init(
        _ loop: EventLoop, log: Log, registry: MetricRegistry,
        changed: @escaping (_ service: String, EndpointList) -> Void
    ) {
        self.loop = loop
        self.log = log
        self.metrics = NameMetrics(registry)
        self.tell = changed
    }

    /// Follows these services and no others from now on.
    ///
    /// - Returns: Their endpoints, as far as they are known, by service. A service whose new names are not
    ///   known yet keeps what it had.
    public func adopt(_ services: [ServiceConfiguration]) -> [String: EndpointList] {
        self.services = services
        let wanted = Set(services.flatMap(Self.keys))
        for (key, name) in self.names where !wanted.contains(key) {
            name.stop()
            self.names[key] = nil
        }
        let resolvers = Set(wanted.map(\.dns.resolvers))
        for (servers, client) in self.clients where !resolvers.contains(servers) {
            client.close()
            self.clients[servers] = nil
        }
        let fresh = wanted.filter { self.names[$0] == nil }.map { TrackedName($0, self, loop: self.loop) }
        for name in fresh { self.names[name.key] = name }
        self.lists = Dictionary(uniqueKeysWithValues: services.map { ($0.name, self.list(of: $0)) })
        // What a file knows is known at once, and goes with the rest.
        self.isAdopting = true
        for name in fresh { name.lookUp() }
        self.isAdopting = false
        self.count()
        return self.lists
    }

    private static func keys(_ service: ServiceConfiguration) -> [TrackedName.Key] {
        service.endpoints.compactMap {
            guard case .name(let name) = $0.address else { return nil }
            return TrackedName.Key(host: name.host, dns: service.dns)
        }
    }

    private func list(of service: ServiceConfiguration) -> EndpointList {
        let list = EndpointList(service) {
            self.names[TrackedName.Key(host: $0.host, dns: service.dns)]?.state
        }
        let mayKeep = list.isPending || (list.isUnresolved && list.entries.isEmpty)
        guard mayKeep, let former = self.lists[service.name], !former.entries.isEmpty else { return list }
        return list.keeping(former)
    }

    /// Looks every name up now: what decides about answers, a file of names or of servers, is another.
    public func lookUpAgain() {
        for client in self.clients.values { client.close() }
        self.clients = [:]
        for name in self.names.values { name.lookUp() }
    }

    /// Files whose change is a reason for ``lookUpAgain()``.
    public var files: Set<String> {
        var files = Set(self.names.keys.map(\.dns.hostsPath))
        if self.names.keys.contains(where: \.dns.resolvers.isEmpty) { files.insert(Self.resolverFile) }
        return files
    }

    /// Whether every name has been looked up once, well or not.
    public var isSettled: Bool { self.names.values.allSatisfy(\.state.isTried) }

    /// How each name of each service stands, in the order of the configuration.
    public var reports: [NameReport] {
        self.services.flatMap { service in
            service.endpoints.compactMap { endpoint in
                guard case .name(let name) = endpoint.address,
                    let tracked = self.names[TrackedName.Key(host: name.host, dns: service.dns)]
                else { return nil }
                return NameReport(service: service.name, name, tracked, now: self.loop.now)
            }
        }
    }

    // MARK: For names

    func client(_ servers: [ListenAddress]) throws -> DNSClient {
        if let known = self.clients[servers] { return known }
        let client = try DNSClient(
            loop: self.loop, servers: servers.compactMap { SocketAddress(parsing: $0.description) },
            resolverFile: Self.resolverFile)
        self.clients[servers] = client
        return client
    }

    /// A look-up has ended.
    func lookedUp(_ name: TrackedName, _ answers: FamilyAnswers, hasChanged: Bool) {
        self.metrics.lookedUp(answers)
        let state = name.state
        if answers.isFailure, let failure = answers.failure {
            if state.failures == 1 {
                self.log.write(
                    .warning, "dns", "a name cannot be resolved; what is known of it stays in use",
                    [
                        "name": "\(name.key.host)", "reason": "\(failure)",
                        "addresses": "\(state.ipv4.count + state.ipv6.count)",
                    ])
            }
        } else if state.leftOut > 0 {
            self.log.write(
                .warning, "dns", "a name has more addresses than are used",
                ["name": "\(name.key.host)", "left_out": "\(state.leftOut)"])
        }
        if hasChanged { self.changed(name) }
        self.publish(name)
        self.count()
    }

    /// A part of a look-up has come, with other addresses than before.
    func cameEarly(_ name: TrackedName) {
        self.changed(name)
        self.publish(name)
    }

    private func changed(_ name: TrackedName) {
        self.metrics.changed()
        self.log.write(
            .debug, "dns", "a name has other addresses",
            [
                "name": "\(name.key.host)", "ipv4": "\(name.state.ipv4.count)",
                "ipv6": "\(name.state.ipv6.count)",
            ])
    }

    /// Tells whom it concerns; also without another answer, because which family is used depends on routes.
    private func publish(_ name: TrackedName) {
        for service in self.services where Self.keys(service).contains(name.key) {
            let list = self.list(of: service)
            if self.lists[service.name] == list { continue }
            self.lists[service.name] = list
            if !self.isAdopting { self.tell(service.name, list) }
        }
    }

    private func count() {
        let states = self.names.values.map(\.state)
        self.metrics.set(
            names: states.count, failing: states.count { $0.failures > 0 })
    }
}
