internal import Telemetry

/// What the control thread counts of itself.
struct GatewayMetrics {
    private let registry: MetricRegistry
    private let generation: MetricSeries
    private let successes: MetricSeries
    private let refusals: MetricSeries
    private let stale: MetricSeries

    init(_ registry: MetricRegistry) {
        self.registry = registry
        let reloads =
            registry.define(
                MetricDefinition(
                    name: "postern_config_reloads_total",
                    help: "Configurations read, by whether they came into force.", kind: .counter,
                    labels: ["result"]
                )
            ) ?? .discarded
        self.successes = registry.series(reloads, ["success"])
        self.refusals = registry.series(reloads, ["refused"])
        self.generation = registry.series(
            registry.define(
                MetricDefinition(
                    name: "postern_config_generation", help: "The number of the configuration in force.",
                    kind: .gauge
                )
            ) ?? .discarded
        )
        self.stale = registry.series(
            registry.define(
                MetricDefinition(
                    name: "postern_lua_scripts_stale",
                    help: "Scripts whose file has an error and whose last good version is in force.",
                    kind: .gauge
                )
            ) ?? .discarded
        )
    }

    func staleScripts(_ count: Int) { self.registry.shared.set(self.stale, UInt64(count)) }

    func reloaded(isInForce: Bool, generation: Int) {
        self.registry.shared.addAtomically(isInForce ? self.successes : self.refusals)
        self.registry.shared.set(self.generation, UInt64(generation))
    }
}
