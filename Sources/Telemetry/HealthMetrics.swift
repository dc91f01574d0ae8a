/// What health checks count; for one thread, rarely.
public final class HealthMetrics: Sendable {
    private let registry: MetricRegistry
    private let checks: Metric
    private let unhealthy: Metric

    public init(_ registry: MetricRegistry) {
        self.registry = registry
        self.checks =
            registry.define(
                MetricDefinition(
                    name: "postern_health_checks_total", help: "Answers of endpoints to health checks.",
                    kind: .counter, labels: ["service", "result"])) ?? .discarded
        self.unhealthy =
            registry.define(
                MetricDefinition(
                    name: "postern_health_unhealthy_endpoints",
                    help: "Endpoints that have failed their health checks.", kind: .gauge,
                    labels: ["service"])) ?? .discarded
    }

    /// Counts an answer.
    public func count(_ service: String, isWell: Bool) {
        self.registry.shared.addAtomically(
            self.registry.series(self.checks, [service, isWell ? "success" : "failure"]))
    }

    /// Sets how many endpoints are not well.
    public func set(_ service: String, unhealthy: Int) {
        self.registry.shared.set(self.registry.series(self.unhealthy, [service]), UInt64(unhealthy))
    }
}
