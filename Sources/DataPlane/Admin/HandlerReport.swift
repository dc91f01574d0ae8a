internal import GatewayConfig
internal import Mixer

/// How one of the mixer's handlers is, for `/handlers`.
struct HandlerReport {
    private let status: DeliveryStatus

    init(_ status: DeliveryStatus) { self.status = status }

    private var isFailing: Bool { self.status.health != .healthy }
    private var lagMilliseconds: Int64 {
        let (seconds, attoseconds) = self.status.lag.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
    private var losses: [(reason: String, count: UInt64)] {
        self.status.lost.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// One line a fact, as `/clusters` has them.
    var text: String {
        let name = self.status.name
        var lines = [
            "state::\(self.isFailing ? "failing" : "healthy")", "delivered::\(self.status.delivered)",
            "queue_records::\(self.status.queueRecords)", "queue_bytes::\(self.status.queueBytes)",
            "lag_ms::\(self.lagMilliseconds)",
        ]
        lines += self.losses.map { "lost_\($0.reason)::\($0.count)" }
        if !self.status.lastProblem.isEmpty { lines.append("last_problem::\(self.status.lastProblem)") }
        return lines.map { "\(name)::\($0)\n" }.joined()
    }

    var node: ConfigNode {
        let losses = self.losses.map { ConfigNode.Member($0.reason, .number(Int(clamping: $0.count))) }
        return .object([
            "name": .text(self.status.name), "state": .text(self.isFailing ? "failing" : "healthy"),
            "delivered": .number(Int(clamping: self.status.delivered)),
            "queueRecords": .number(self.status.queueRecords), "queueBytes": .number(self.status.queueBytes),
            "lagMilliseconds": .number(Int(clamping: self.lagMilliseconds)),
            "lost": ConfigNode(.object(losses)),
            "lastProblem": self.status.lastProblem.isEmpty
                ? ConfigNode(.null) : .text(self.status.lastProblem),
        ])
    }
}
