internal import GatewayConfig
internal import Preamble
internal import Primitives
internal import Routing
internal import Telemetry

/// What happens with the connections that a TCP rule matches.
final class TCPRulePlan: Sendable {
    struct Target: Sendable {
        /// Index into the configuration's list of services.
        let service: Int
        /// With which connections to it begin.
        let header: ProxyHeader.Version?
    }

    let routeName: String
    let split: WeightedSplit
    /// What `split` chooses among.
    let targets: [Target]
    /// Nanoseconds without a byte.
    let idleTimeout: UInt64
    /// The route's connections, and how many there may be (0: any number).
    let gauge: ConnectionGauge
    let limit: Int

    init(
        routeName: String, split: WeightedSplit, targets: [Target], idleTimeout: UInt64,
        gauge: ConnectionGauge, limit: Int
    ) {
        self.routeName = routeName
        self.split = split
        self.targets = targets
        self.idleTimeout = idleTimeout
        self.gauge = gauge
        self.limit = limit
    }
}

extension SnapshotCompiler {
    /// The TCP rules of all routes, in the order in which `TCPRouteTable` counts them.
    var tcpRules: [TCPRulePlan] {
        self.configuration.tcpRoutes.flatMap { route in route.rules.map { self.tcpRule($0, of: route) } }
    }

    /// What network filters may choose, by the service's name.
    var tcpTargets: [String: TCPRulePlan.Target] {
        var targets: [String: TCPRulePlan.Target] = [:]
        for service in self.configuration.services { targets[service.name] = self.target(service.name) }
        return targets
    }

    private func target(_ name: String) -> TCPRulePlan.Target? {
        let services = self.configuration.services
        guard let index = services.firstIndex(where: { $0.name == name }) else { return nil }
        let header: ProxyHeader.Version? =
            switch services[index].proxyProtocol {
            case .none: nil
            case .v1: .one
            case .v2: .two
            }
        return .init(service: index, header: header)
    }

    private func tcpRule(_ rule: TCPRuleConfiguration, of route: TCPRouteConfiguration) -> TCPRulePlan {
        let targets = rule.services.compactMap { self.target($0.service) }
        return TCPRulePlan(
            routeName: route.name, split: WeightedSplit(weights: rule.services.map(\.weight)),
            targets: targets,
            idleTimeout: route.timeouts.idle.nanoseconds, gauge: self.gauges.tcpRoute(route.name),
            limit: route.limits.connections ?? 0
        )
    }
}
