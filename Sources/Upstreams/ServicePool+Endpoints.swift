internal import GatewayConfig
public import Primitives
internal import Reactor

// The endpoints of a service: who they are, and how they stand.

extension ServicePool {
    /// Makes `endpoints` follow the balancer's slots.
    func matchEndpoints() {
        let entries = Dictionary(self.list.entries.map { ($0.key, $0) }) { first, _ in first }
        for slot in 0..<self.balancer.slotCount {
            let key = self.balancer.key(slot)
            let known = slot < self.endpoints.count ? self.endpoints[slot] : nil
            if let known, known.name != key || !self.balancer.isMember(slot) {
                known.isRemoved = true
                known.drain()
            }
            if let known, known.name == key {
                known.isRemoved = !self.balancer.isMember(slot)
                if let entry = entries[key] { known.take(entry) }
            } else if let entry = entries[key] {
                let endpoint = Endpoint(entry, slot: slot)
                if slot < self.endpoints.count {
                    self.endpoints[slot] = endpoint
                } else {
                    self.endpoints.append(endpoint)
                }
            }
        }
    }

    /// How its endpoints stand.
    public var reports: [EndpointReport] {
        self.endpoints.filter { !$0.isRemoved }.map {
            var report = EndpointReport(service: self.name, address: $0.name, weight: $0.weight)
            report.isHealthy = self.balancer.isHealthy($0.slot)
            report.connections = $0.connections
            report.idleConnections = $0.idle.count
            report.activeRequests = self.balancer.activeRequests($0.slot)
            report.connectionsMade = $0.connectionsMade
            report.connectFailures = $0.connectFailures
            return report
        }
    }

    /// Whether there is no endpoint left but those in `tried`.
    public func hasTriedAll(_ tried: TriedEndpoints) -> Bool {
        self.balancer.hasTriedAll(tried)
    }

    /// The endpoints, by the names that ``EndpointOverride`` and health checks use.
    public var endpointNames: [String] { self.endpoints.filter { !$0.isRemoved }.map(\.name) }

    /// Notes what health checks say of an endpoint.
    public func setHealth(of address: String, _ isHealthy: Bool, random: inout RandomSource) {
        self.balancer.setHealth(of: address, isHealthy, random: &random)
    }

    /// The service is no longer checked.
    public func trustAll() { self.balancer.setHealth(of: nil, true, random: &self.random) }
}
