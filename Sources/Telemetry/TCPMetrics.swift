/// Istio's standard TCP metrics, counted by one worker.
///
/// Bytes are counted while they pass, not at the end: connections to databases live for days. One a worker,
/// for its thread only.
public final class TCPMetrics {
    private let registry: MetricRegistry
    private let names: NameTable
    private let cells: MetricCells
    /// Opened, received, sent; and apart from these what is known at the end only.
    private let passing: [Metric]
    private let ended: [Metric]
    private var passingCache: SeriesCache
    private var endedCache: SeriesCache

    /// The cells of one service.
    public struct Series: Sendable {
        let first: MetricSeries
        var received: MetricSeries { self.first.advanced(by: 1) }
        var sent: MetricSeries { self.first.advanced(by: 2) }
    }

    public init(_ registry: MetricRegistry, _ names: NameTable, _ cells: MetricCells) {
        self.registry = registry
        self.names = names
        self.cells = cells
        self.passing = [
            Self.define(
                "istio_tcp_connections_opened_total", "TCP connections given to a service.", registry),
            Self.define("istio_tcp_received_bytes_total", "Bytes that came from TCP clients.", registry),
            Self.define("istio_tcp_sent_bytes_total", "Bytes that were sent to TCP clients.", registry),
        ]
        self.ended = [
            Self.define("istio_tcp_connections_closed_total", "TCP connections that ended.", registry)
        ]
        self.passingCache = SeriesCache(limit: registry.seriesLimit)
        self.endedCache = SeriesCache(limit: registry.seriesLimit)
    }

    /// A connection has been given to a service.
    ///
    /// - Returns: Where its bytes are counted.
    public func opened(_ record: borrowing ExchangeRecord) -> Series {
        let first = self.series(record, self.passing, &self.passingCache, flags: [])
        self.cells.add(first)
        return Series(first: first)
    }

    /// The connection is over; the record's flags say how.
    public func closed(_ record: borrowing ExchangeRecord) {
        self.cells.add(self.series(record, self.ended, &self.endedCache, flags: record.flags))
    }

    /// Bytes that came from the client.
    public func received(_ series: Series, bytes: Int) {
        self.cells.add(series.received, UInt64(bytes))
    }

    /// Bytes that were sent to the client.
    public func sent(_ series: Series, bytes: Int) { self.cells.add(series.sent, UInt64(bytes)) }

    private func series(
        _ record: borrowing ExchangeRecord, _ group: [Metric], _ cache: inout SeriesCache,
        flags: ResponseFlags
    ) -> MetricSeries {
        var labels = ExchangeRecord()
        labels.service = record.service
        labels.security = record.security
        labels.flags = flags
        let key = RequestMetrics.key(labels)
        if let known = cache.find(key) { return known }
        // With both full, an attack by label values must not meet the registry's lock.
        if cache.isFull {
            self.registry.countRefused()
            return .discarded
        }
        let made = self.registry.group(group, self.labels(labels))
        cache.insert(key, made)
        return made
    }
}

extension TCPMetrics {
    /// As those of requests, without what only requests have.
    static let labelNames = RequestMetrics.labelNames.filter {
        $0 != "response_code" && $0 != "grpc_response_status"
    }

    private static func define(_ name: String, _ help: String, _ registry: MetricRegistry) -> Metric {
        let definition = MetricDefinition(name: name, help: help, kind: .counter, labels: Self.labelNames)
        return registry.define(definition) ?? .discarded
    }

    private func labels(_ record: borrowing ExchangeRecord) -> [String] {
        let unknown = "unknown"
        let name = self.names.name(record.service)
        let service = name.isEmpty ? unknown : name
        return ["source"] + Array(repeating: unknown, count: 13)
            + [service, service, unknown, service, unknown, unknown]
            + ["tcp", record.flags.shortNames, record.security.label]
    }
}
