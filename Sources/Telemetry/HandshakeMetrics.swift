/// Counts handshakes of TLS with clients.
public struct HandshakeMetrics: Sendable {
    private let full, resumed, failed: MetricSeries

    init(_ registry: MetricRegistry) {
        let metric =
            registry.define(
                MetricDefinition(
                    name: "postern_tls_handshakes_total", help: "Handshakes with clients, by how they ended.",
                    kind: .counter, labels: ["result"])) ?? .discarded
        self.full = registry.series(metric, ["full"])
        self.resumed = registry.series(metric, ["resumed"])
        self.failed = registry.series(metric, ["failed"])
    }

    public func succeeded(isResumed: Bool, in cells: MetricCells) {
        cells.add(isResumed ? self.resumed : self.full)
    }

    public func failed(in cells: MetricCells) { cells.add(self.failed) }
}
