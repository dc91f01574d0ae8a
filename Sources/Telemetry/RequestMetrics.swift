/// Istio's standard request metrics, counted by one worker from its exchange records.
///
/// A look-up by a packed key and four cells; a `String` is made only when a combination of labels appears for
/// the first time in this worker. One a worker, for its thread only.
public final class RequestMetrics {
    private let registry: MetricRegistry
    private let names: NameTable
    private let cells: MetricCells
    private let group: Group
    private var cache: SeriesCache

    /// The four metrics, in the order of their cells.
    struct Group {
        let requests: Metric
        let duration: Metric
        let requestBytes: Metric
        let responseBytes: Metric
        var all: [Metric] { [self.requests, self.duration, self.requestBytes, self.responseBytes] }
    }

    public init(_ registry: MetricRegistry, _ names: NameTable, _ cells: MetricCells) {
        self.registry = registry
        self.names = names
        self.cells = cells
        self.group = Self.define(registry)
        self.cache = SeriesCache(limit: registry.seriesLimit)
    }

    /// Counts one finished exchange.
    public func count(_ record: borrowing ExchangeRecord) {
        let key = Self.key(record)
        let series = if let known = self.cache.find(key) { known } else { self.register(key, record) }
        self.cells.add(series)
        var at = series.advanced(by: 1)
        self.cells.observe(self.group.duration.bounds, at, record.duration)
        at = at.advanced(by: self.group.duration.cells)
        self.cells.observe(self.group.requestBytes.bounds, at, record.requestBytes &* 2)
        at = at.advanced(by: self.group.requestBytes.cells)
        self.cells.observe(self.group.responseBytes.bounds, at, record.responseBytes &* 2)
    }

    /// All that the labels depend on: service (18 bits), flags (28), status (10), security (2), gRPC (1) and
    /// its status (5).
    static func key(_ record: borrowing ExchangeRecord) -> UInt64 {
        let grpc = record.isGRPC ? 0x20 | UInt64(record.grpcStatus.map { $0.rawValue &+ 1 } ?? 0) & 0x1F : 0
        return UInt64(record.service.rawValue & 0x3_FFFF) << 46
            | UInt64(record.flags.rawValue & 0xFFF_FFFF) << 18
            | UInt64(min(record.status, 1023)) << 8 | UInt64(record.security.rawValue & 3) << 6 | grpc
    }

    @inline(never)
    private func register(_ key: UInt64, _ record: borrowing ExchangeRecord) -> MetricSeries {
        // With both full, an attack by label values must not meet the registry's lock.
        if self.cache.isFull {
            self.registry.countRefused()
            return .discarded
        }
        let series = self.registry.group(self.group.all, self.labels(record))
        self.cache.insert(key, series)
        return series
    }
}

extension RequestMetrics {
    /// Envoy's default buckets, which Istio uses for times (in milliseconds) and for sizes (in bytes) alike,
    /// in halves.
    static let halves: [UInt64] = [
        1, 2, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 120_000, 600_000,
        1_200_000,
        3_600_000, 7_200_000,
    ]

    static let labelNames = [
        "reporter", "source_workload", "source_workload_namespace", "source_principal", "source_app",
        "source_version", "source_canonical_service", "source_canonical_revision", "source_cluster",
        "destination_workload", "destination_workload_namespace", "destination_principal", "destination_app",
        "destination_version", "destination_service", "destination_service_name",
        "destination_service_namespace",
        "destination_canonical_service", "destination_canonical_revision", "destination_cluster",
        "request_protocol", "response_code", "grpc_response_status", "response_flags",
        "connection_security_policy",
    ]

    static func define(_ registry: MetricRegistry) -> Group {
        func histogram(_ name: String, _ help: String, bounds: [UInt64], divisor: UInt64) -> Metric {
            registry.define(
                MetricDefinition(
                    name: name, help: help, kind: .histogram, labels: Self.labelNames, bounds: bounds,
                    divisor: divisor)) ?? .discarded
        }
        let requests = registry.define(
            MetricDefinition(
                name: "istio_requests_total", help: "Requests that ended.", kind: .counter,
                labels: Self.labelNames))
        return Group(
            requests: requests ?? .discarded,
            duration: histogram(
                "istio_request_duration_milliseconds",
                "Time from a request's first byte to the end of its response.",
                bounds: Self.halves.map { $0 * 500_000 }, divisor: 1_000_000),
            // Half bytes, so that the first bound can be 0.5, as in Istio.
            requestBytes: histogram(
                "istio_request_bytes", "Sizes of request bodies.", bounds: Self.halves, divisor: 2),
            responseBytes: histogram(
                "istio_response_bytes", "Sizes of response bodies.", bounds: Self.halves, divisor: 2)
        )
    }

    /// The label values, in the order of ``labelNames``. What a gateway cannot know is `unknown`, as in
    /// Istio.
    func labels(_ record: borrowing ExchangeRecord) -> [String] {
        let unknown = "unknown"
        let name = self.names.name(record.service)
        let service = name.isEmpty ? unknown : name
        return ["source"] + Array(repeating: unknown, count: 13)
            + [service, service, unknown, service, unknown, unknown]
            + [
                record.isGRPC ? "grpc" : "http", String(record.status),
                record.grpcStatus.map { String($0.rawValue) } ?? "", record.flags.shortNames,
                record.security.label,
            ]
    }
}
