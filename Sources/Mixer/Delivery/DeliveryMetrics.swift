internal import Primitives
internal import Telemetry

/// The metrics of all handlers.
struct DeliveryMetrics: Sendable {
    let registry: MetricRegistry
    private let lost: Metric
    private let delivered: Metric
    private let failed: Metric
    private let queueBytes: Metric
    private let queueRecords: Metric
    private let lag: Metric

    static let lostName = "postern_mixer_records_lost_total"
    static let deliveredName = "postern_mixer_records_delivered_total"
    static let failedName = "postern_mixer_reports_failed_total"

    init(_ registry: MetricRegistry) {
        self.registry = registry
        func define(
            _ name: String, _ help: String, _ kind: MetricKind, _ labels: [String] = ["handler"],
            divisor: UInt64 = 1
        ) -> Metric {
            registry.define(
                MetricDefinition(name: name, help: help, kind: kind, labels: labels, divisor: divisor))
                ?? .discarded
        }
        self.lost = define(
            Self.lostName, "Records that will not reach their handler.", .counter, ["handler", "reason"])
        self.delivered = define(Self.deliveredName, "Records that a handler has taken.", .counter)
        self.failed = define(
            Self.failedName, "Calls of a handler that failed; their records are given to it again.", .counter)
        self.queueBytes = define(
            "postern_mixer_queue_bytes", "Memory and spool of records that wait for a handler.", .gauge)
        self.queueRecords = define(
            "postern_mixer_queue_records", "Records that wait for a handler.", .gauge)
        self.lag = define(
            "postern_mixer_lag_seconds", "Age of the oldest record that waits for a handler.", .gauge,
            divisor: 1000)
    }

    /// The series of one handler.
    func handler(_ name: String) -> HandlerMetrics {
        var lost: [LossReason: MetricSeries] = [:]
        for reason in LossReason.allCases {
            lost[reason] = self.registry.series(self.lost, [name, reason.rawValue])
        }
        return HandlerMetrics(
            name: name, registry: self.registry, lost: lost,
            delivered: self.registry.series(self.delivered, [name]),
            failed: self.registry.series(self.failed, [name]),
            queueBytes: self.registry.series(self.queueBytes, [name]),
            queueRecords: self.registry.series(self.queueRecords, [name]),
            lag: self.registry.series(self.lag, [name]))
    }
}

/// What one handler counts; from any thread.
struct HandlerMetrics: Sendable {
    let name: String
    let registry: MetricRegistry
    let lost: [LossReason: MetricSeries]
    let delivered: MetricSeries
    let failed: MetricSeries
    let queueBytes: MetricSeries
    let queueRecords: MetricSeries
    let lag: MetricSeries

    func countLost(_ reason: LossReason, _ records: Int) {
        guard records > 0, let series = self.lost[reason] else { return }
        self.registry.shared.addAtomically(series, UInt64(records))
    }

    func countDelivered(_ records: Int) {
        if records > 0 { self.registry.shared.addAtomically(self.delivered, UInt64(records)) }
    }

    func countFailed() { self.registry.shared.addAtomically(self.failed) }

    func showQueue(records: Int, bytes: Int) {
        self.registry.shared.set(self.queueRecords, UInt64(max(records, 0)))
        self.registry.shared.set(self.queueBytes, UInt64(max(bytes, 0)))
    }

    func showLag(milliseconds: UInt64) { self.registry.shared.set(self.lag, milliseconds) }

    /// What was lost until now, by reason, the workers' part included; reasons without a loss are left out.
    func losses() -> [LossReason: UInt64] {
        var found: [LossReason: UInt64] = [:]
        for reason in LossReason.allCases {
            let count =
                self.registry.read(DeliveryMetrics.lostName, [self.name, reason.rawValue])?.value ?? 0
            if count > 0 { found[reason] = count }
        }
        return found
    }

    func deliveredTotal() -> UInt64 {
        self.registry.read(DeliveryMetrics.deliveredName, [self.name])?.value ?? 0
    }
}
