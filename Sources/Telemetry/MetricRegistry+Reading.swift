internal import Primitives

/// All series of one metric, at one moment.
public struct MetricFamily: Sendable {
    public let definition: MetricDefinition
    public let series: [MetricReading]
}

/// The value of one series: what all workers counted, summed.
public struct MetricReading: Sendable {
    /// In the order of the definition's label names.
    public let labels: [String]
    /// Of a counter or gauge; for a histogram the sum of the values observed. Not divided.
    public let value: UInt64
    /// Of a histogram: how many values fell into each bucket (not cumulative), the one up to infinity last.
    public let buckets: [UInt64]

    /// How many values a histogram has seen.
    public var count: UInt64 { self.buckets.reduce(0, &+) }
}

extension MetricRegistry {
    /// Reads everything: metrics in the order of their definition, series in that of their registration.
    /// Metrics without series are left out.
    ///
    /// From any thread; workers are not held up.
    public func read() -> [MetricFamily] {
        let (definitions, entries, numbers, cells) = self.state.withLock {
            ($0.definitions, $0.entries, $0.numbers, $0.cells)
        }
        var families: [MetricFamily] = []
        for (number, entries) in entries.enumerated() where !entries.isEmpty {
            let definition = definitions[number]
            // Another definition has the name.
            if numbers[definition.name] != number { continue }
            let readings = entries.map { Self.read($0, definition, cells) }
            families.append(MetricFamily(definition: definition, series: readings))
        }
        return families
    }

    /// The reading of one series, for tests and admin pages; nil when there is no such series.
    public func read(_ name: String, _ labels: [String] = []) -> MetricReading? {
        let (definition, entry, cells) = self.state.withLock {
            state -> (MetricDefinition?, Entry?, [MetricCells]) in
            guard let number = state.numbers[name] else { return (nil, nil, []) }
            return (
                state.definitions[number], state.entries[number].first { $0.labels == labels }, state.cells
            )
        }
        guard let definition, let entry else { return nil }
        return Self.read(entry, definition, cells)
    }

    private static func read(_ entry: Entry, _ definition: MetricDefinition, _ cells: [MetricCells])
        -> MetricReading
    {
        func total(_ offset: Int) -> UInt64 {
            cells.reduce(0) { $0 &+ $1.value(entry.series, offset: offset) }
        }
        guard definition.kind == .histogram else {
            return MetricReading(labels: entry.labels, value: total(0), buckets: [])
        }
        let buckets = (0...definition.bounds.count).map(total)
        return MetricReading(
            labels: entry.labels, value: total(definition.bounds.count + 1), buckets: buckets)
    }
}
