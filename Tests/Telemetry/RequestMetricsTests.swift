import Telemetry
import Testing

@Suite struct RequestMetricsTests {
    let registry = MetricRegistry()
    let names = NameTable()

    func record(_ service: String, _ status: UInt16) -> ExchangeRecord {
        var record = ExchangeRecord()
        record.service = self.names.intern(service)
        record.status = status
        return record
    }

    func series() throws -> [MetricReading] {
        try #require(self.registry.read().first { $0.definition.name == "istio_requests_total" }).series
    }

    func label(_ name: String, _ reading: MetricReading) throws -> String {
        let family = try #require(self.registry.read().first { $0.definition.name == "istio_requests_total" })
        return reading.labels[try #require(family.definition.labels.firstIndex(of: name))]
    }

    @Test("One series for each service, status, flags, protocol and security, under Istio's labels")
    func labels() throws {
        let metrics = RequestMetrics(self.registry, self.names, self.registry.makeCells())
        metrics.count(self.record("reviews", 200))
        metrics.count(self.record("reviews", 200))
        metrics.count(self.record("ratings", 200))
        var failed = self.record("reviews", 503)
        failed.flags = [.upstreamConnectionFailure, .upstreamRetryLimitExceeded]
        metrics.count(failed)
        failed.isGRPC = true
        failed.security = .mutualTLS
        metrics.count(failed)
        metrics.count(ExchangeRecord())
        let series = try self.series()
        #expect(series.map(\.value) == [2, 1, 1, 1, 1])
        #expect(try self.label("destination_service_name", series[0]) == "reviews")
        #expect(try self.label("response_code", series[0]) == "200")
        #expect(try self.label("response_flags", series[0]) == "-")
        #expect(try self.label("reporter", series[0]) == "source")
        #expect(try self.label("connection_security_policy", series[0]) == "none")
        #expect(try self.label("request_protocol", series[0]) == "http")
        #expect(try self.label("destination_service_name", series[1]) == "ratings")
        #expect(try self.label("response_flags", series[2]) == "UF,URX")
        #expect(try self.label("request_protocol", series[3]) == "grpc")
        #expect(try self.label("connection_security_policy", series[3]) == "mutual_tls")
        #expect(try self.label("destination_service", series[4]) == "unknown")
        #expect(try self.label("response_code", series[4]) == "0")
    }

    @Test("Durations and sizes fall into Istio's buckets")
    func buckets() throws {
        let metrics = RequestMetrics(self.registry, self.names, self.registry.makeCells())
        var record = self.record("reviews", 200)
        record.started = 1_000_000_000
        record.ended = 1_000_500_000
        record.responseBytes = 11
        metrics.count(record)
        record.ended = 1_000_500_001
        record.requestBytes = 1
        metrics.count(record)
        let labels = try self.series()[0].labels
        let duration = try #require(self.registry.read("istio_request_duration_milliseconds", labels))
        #expect(duration.buckets[0...1] == [1, 1])
        #expect(duration.value == 1_000_001)
        let sent = try #require(self.registry.read("istio_response_bytes", labels))
        #expect(sent.buckets[4] == 2)
        #expect(sent.value == 44)
        let received = try #require(self.registry.read("istio_request_bytes", labels))
        #expect(received.buckets[0...1] == [1, 1])
        let family = try #require(self.registry.read().first { $0.definition.name == "istio_request_bytes" })
        #expect(family.definition.bounds.map { Double($0) / 2 }.prefix(4) == [0.5, 1, 5, 10])
        #expect(family.definition.bounds.last == 7_200_000)
    }

    @Test("Workers share series, and a reload's new worker state finds them again")
    func shared() throws {
        for _ in 0..<3 {
            RequestMetrics(self.registry, self.names, self.registry.makeCells()).count(
                self.record("reviews", 200))
        }
        #expect(try self.series().map(\.value) == [3])
    }

    @Test("Label values past the limit are counted as refused and harm nothing")
    func limit() throws {
        let registry = MetricRegistry(seriesLimit: 8)
        let metrics = RequestMetrics(registry, self.names, registry.makeCells())
        for status in 200..<300 { metrics.count(self.record("reviews", UInt16(status))) }
        metrics.count(self.record("reviews", 200))
        let family = try #require(registry.read().first { $0.definition.name == "istio_requests_total" })
        #expect(family.series.map(\.value) == [2, 1])
        #expect(try #require(registry.read("postern_metrics_series_refused_total")).value >= 92)
    }
}
