internal import PluginSupport
internal import PosternSDK

/// Edges and what happened on each in the last stretch of time. Pure: the clock is the caller's.
package struct EdgeGraph: Sendable {
    /// What happened in one twelfth of the window.
    private struct Slot: Sendable {
        var number: Int64 = -1
        var requests = 0
        var clientErrors = 0
        var errors = 0
        var latencies = LatencySketch()
    }
    private struct Edge: Sendable {
        var slots = Array(repeating: Slot(), count: Int(EdgeGraph.slots) + 1)
        /// When the call was, and when it was counted.
        var lastSeen: Int64 = 0
        var countedAt: Int64 = 0
    }

    fileprivate static let slots: Int64 = 12
    private let window: Int64
    private let limit: Int
    private var edges: [EdgeKey: Edge] = [:]
    private var start: Int64?

    package init(window: Int64, limit: Int) {
        self.window = window
        self.limit = limit
    }

    private var slotLength: Int64 { self.window / Self.slots }

    /// Counts a call in the present slot: records come a moment late, and a graph is of now.
    ///
    /// - Returns: False when there is no room for its edge.
    package mutating func add(_ call: EdgeCall, now: Int64) -> Bool {
        if self.start == nil { self.start = now }
        if self.edges[call.key] == nil, self.edges.count >= self.limit {
            self.edges = self.edges.filter { now - $0.value.countedAt <= self.window }
            if self.edges.count >= self.limit { return false }
        }
        let number = now / self.slotLength
        let index = Int(number % (Self.slots + 1))
        var edge = self.edges.removeValue(forKey: call.key) ?? Edge()
        if edge.slots[index].number != number { edge.slots[index] = Slot(number: number) }
        edge.slots[index].requests += 1
        if call.status >= 500 { edge.slots[index].errors += 1 }
        if (400..<500).contains(call.status) { edge.slots[index].clientErrors += 1 }
        if call.duration >= 0 { edge.slots[index].latencies.add(call.duration) }
        edge.lastSeen = max(edge.lastSeen, call.time)
        edge.countedAt = now
        self.edges[call.key] = edge
        return true
    }

    /// One edge's numbers over the window.
    package struct Numbers: Sendable {
        package var key: EdgeKey
        package var requests = 0
        package var clientErrors = 0
        package var errors = 0
        package var latencies = LatencySketch()
        package var lastSeen: Int64 = 0
    }

    /// Seconds that the numbers are of: less than the window when it has not passed yet.
    package func span(now: Int64) -> Double {
        let since = max(self.start ?? now, now - self.window)
        return max(Double(now - since) / 1e9, 1)
    }

    /// Edges with calls in the window, the busiest first.
    package func numbers(now: Int64) -> [Numbers] {
        let oldest = now / self.slotLength - Self.slots
        return self.edges.compactMap { key, edge in
            var all = Numbers(key: key, lastSeen: edge.lastSeen)
            for slot in edge.slots where slot.number > oldest {
                all.requests += slot.requests
                all.clientErrors += slot.clientErrors
                all.errors += slot.errors
                all.latencies.add(slot.latencies)
            }
            return all.requests > 0 ? all : nil
        }.sorted { ($1.requests, $0.key.order) < ($0.requests, $1.key.order) }
    }
}

extension EdgeKey {
    /// For a stable order of equally busy edges.
    var order: String { "\(self.source.workload) \(self.destination.workload) \(self.service)" }
}

/// A graph that the thread of reports fills and that of pages reads.
final class SharedGraph: Sendable {
    private let graph: Lock<EdgeGraph>
    private let window: Int64

    init(window: Int64, limit: Int) {
        self.graph = Lock(EdgeGraph(window: window, limit: limit))
        self.window = window
    }

    func add(_ call: EdgeCall, now: Int64) -> Bool { self.graph.withLock { $0.add(call, now: now) } }

    func json(now: Int64) -> [UInt8] {
        let (numbers, span) = self.graph.withLock { ($0.numbers(now: now), $0.span(now: now)) }
        return graphJSON(numbers, span: span, window: self.window, now: now)
    }
}
