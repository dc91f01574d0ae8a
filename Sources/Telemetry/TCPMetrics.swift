/// Istio's standard TCP metrics, counted by one worker.
///
/// Bytes are counted while they pass, not at the end: connections to databases live for days. One a worker,
/// for its thread only.
public final class TCPMetrics {
    private let registry: MetricRegistry
    private let names: NameTable
    private let cells: MetricCells
    private let group: [Metric]
    private var cache: SeriesCache

    /// The cells of one combination of labels.
    public struct Series: Sendable {
        let first: MetricSeries
        var opened: MetricSeries { self.first }
        var closed: MetricSeries { self.first.advanced(by: 1) }
        var received: MetricSeries { self.first.advanced(by: 2) }
        var sent: MetricSeries { self.first.advanced(by: 3) }
    }

    public init(_ registry: MetricRegistry, _ names: NameTable, _ cells: MetricCells) {
        self.registry = registry
        self.names = names
        self.cells = cells
        self.group = Self.define(registry)
        self.cache = SeriesCache(limit: registry.seriesLimit)
    }

    /// A connection has been given to a service.
    ///
    /// - Returns: Where its bytes are counted.
    public func opened(_ record: borrowing ExchangeRecord) -> Series {
        let series = self.series(record, flags: [])
        self.cells.add(series.opened)
        return series
    }

    /// The connection is over; the record's flags say how.
    public func closed(_ record: borrowing ExchangeRecord) {
        self.cells.add(self.series(record, flags: record.flags).closed)
    }

    /// Bytes that came from the client.
    public func received(_ series: Series, bytes: Int) {
        self.cells.add(series.received, UInt64(bytes))
    }

    /// Bytes that were sent to the client.
    public func sent(_ series: Series, bytes: Int) { self.cells.add(series.sent, UInt64(bytes)) }

    private func series(_ record: borrowing ExchangeRecord, flags: ResponseFlags) -> Series {
        var labels = ExchangeRecord()
        labels.service = record.service
        labels.security = record.security
        labels.flags = flags
        let key = RequestMetrics.key(labels)
        if let known = self.cache.find(key) { return Series(first: known) }
        // With both full, an attack by label values must not meet the registry's lock.
        if self.cache.isFull {
            self.registry.countRefused()
            return Series(first: .discarded)
        }
        let made = self.registry.group(self.group, self.labels(labels))
        self.cache.insert(key, made)
        return Series(first: made)
    }
}

extension TCPMetrics {
    /// As those of requests, without what only requests have.
    static let labelNames = RequestMetrics.labelNames.filter {
        $0 != "response_code" && $0 != "grpc_response_status"
    }

    static func define(_ registry: MetricRegistry) -> [Metric] {
        [
            ("istio_tcp_connections_opened_total", "TCP connections given to a service."),
            ("istio_tcp_connections_closed_total", "TCP connections that ended."),
            ("istio_tcp_received_bytes_total", "Bytes that came from TCP clients."),
            ("istio_tcp_sent_bytes_total", "Bytes that were sent to TCP clients."),
        ].map { name, help in
            registry.define(
                MetricDefinition(name: name, help: help, kind: .counter, labels: Self.labelNames))
                ?? .discarded
        }
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
