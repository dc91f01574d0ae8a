internal import Synchronization

/// How many connections a listener or a TCP route has, over all workers.
///
/// Lives outside snapshots under its owner's name, so that a reload does not begin to count anew. From any
/// thread.
final class ConnectionGauge: Sendable {
    private let open = Atomic<Int>(0)

    /// Counts one more, unless that is over the limit.
    ///
    /// - Parameter limit: The most at a time; 0: none.
    /// - Returns: Whether it was counted; ``leave()`` follows then.
    func enter(limit: Int) -> Bool {
        let before = self.open.wrappingAdd(1, ordering: .relaxed).oldValue
        if limit == 0 || before < limit { return true }
        self.open.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    func leave() { self.open.wrappingSubtract(1, ordering: .relaxed) }

    var count: Int { self.open.load(ordering: .relaxed) }
}

/// The gauges of a process, by owner; for the control thread.
final class ConnectionGauges {
    private var gauges: [String: ConnectionGauge] = [:]

    func listener(_ name: String) -> ConnectionGauge { self.gauge("listener \(name)") }
    func tcpRoute(_ name: String) -> ConnectionGauge { self.gauge("route \(name)") }

    private func gauge(_ key: String) -> ConnectionGauge {
        if let known = self.gauges[key] { return known }
        let gauge = ConnectionGauge()
        self.gauges[key] = gauge
        return gauge
    }
}
