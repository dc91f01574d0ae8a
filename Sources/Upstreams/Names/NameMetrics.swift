internal import Telemetry

/// What the control thread counts of names.
struct NameMetrics {
    private let registry: MetricRegistry
    private let queries: MetricSeries
    private let found: MetricSeries
    private let empty: MetricSeries
    private let failed: MetricSeries
    private let changes: MetricSeries
    private let names: MetricSeries
    private let failing: MetricSeries

    init(_ registry: MetricRegistry) {
        func define(_ name: String, _ help: String, _ kind: MetricKind, labels: [String] = []) -> Metric {
            registry.define(MetricDefinition(name: name, help: help, kind: kind, labels: labels))
                ?? .discarded
        }
        self.registry = registry
        self.queries = registry.series(
            define("postern_dns_queries_total", "Questions asked for addresses of names.", .counter))
        let lookUps = define(
            "postern_dns_lookups_total", "Look-ups of names, by how they ended.", .counter,
            labels: ["result"])
        self.found = registry.series(lookUps, ["found"])
        self.empty = registry.series(lookUps, ["none"])
        self.failed = registry.series(lookUps, ["failed"])
        self.changes = registry.series(
            define("postern_dns_changes_total", "Look-ups that gave other addresses than before.", .counter))
        self.names = registry.series(
            define("postern_dns_names", "Names that are kept resolved.", .gauge))
        self.failing = registry.series(
            define("postern_dns_names_failing", "Names whose last look-up failed.", .gauge))
    }

    func asked() { self.registry.shared.addAtomically(self.queries) }

    func lookedUp(_ answers: FamilyAnswers) {
        let series = answers.isFailure ? self.failed : answers.hasAddresses ? self.found : self.empty
        self.registry.shared.addAtomically(series)
    }

    func changed() { self.registry.shared.addAtomically(self.changes) }

    func set(names: Int, failing: Int) {
        self.registry.shared.set(self.names, UInt64(names))
        self.registry.shared.set(self.failing, UInt64(failing))
    }
}
