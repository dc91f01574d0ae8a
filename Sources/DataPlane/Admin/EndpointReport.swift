internal import GatewayConfig
internal import Upstreams

extension EndpointReport {
    /// As Envoy's `/clusters` shows it.
    var text: String {
        let prefix = "\(self.service)::\(self.address)::"
        return [
            "cx_active::\(self.connections)", "cx_idle::\(self.idleConnections)",
            "rq_active::\(self.activeRequests)",
            "cx_total::\(self.connectionsMade)", "cx_connect_fail::\(self.connectFailures)",
            "weight::\(self.weight)",
            "health_flags::\(self.isHealthy ? "healthy" : "/failed_active_hc")",
        ].map { "\(prefix)\($0)\n" }.joined()
    }

    var node: ConfigNode {
        .object([
            "service": .text(self.service), "address": .text(self.address),
            "cx_active": .number(self.connections),
            "cx_idle": .number(self.idleConnections), "rq_active": .number(self.activeRequests),
            "cx_total": .number(self.connectionsMade), "cx_connect_fail": .number(self.connectFailures),
            "weight": .number(self.weight), "healthy": .flag(self.isHealthy),
        ])
    }
}
