import Telemetry
import Testing

@Suite struct TCPMetricsTests {
    @Test("Bytes are counted while a connection is open, and its end with its flags")
    func counts() throws {
        let registry = MetricRegistry()
        let names = NameTable()
        let metrics = TCPMetrics(registry, names, registry.makeCells())
        var record = ExchangeRecord()
        record.service = names.intern("db")
        let series = metrics.opened(record)
        metrics.received(series, bytes: 10)
        metrics.sent(series, bytes: 200)
        metrics.sent(series, bytes: 1)
        func values(_ name: String) throws -> [String: UInt64] {
            guard let family = registry.read().first(where: { $0.definition.name == name }) else {
                return [:]
            }
            func label(_ label: String, _ reading: MetricReading) throws -> String {
                reading.labels[try #require(family.definition.labels.firstIndex(of: label))]
            }
            var values: [String: UInt64] = [:]
            for reading in family.series {
                #expect(try label("destination_service_name", reading) == "db")
                #expect(try label("request_protocol", reading) == "tcp")
                values[try label("response_flags", reading)] = reading.value
            }
            return values
        }
        #expect(try values("istio_tcp_connections_opened_total") == ["-": 1])
        #expect(try values("istio_tcp_received_bytes_total") == ["-": 10])
        #expect(try values("istio_tcp_sent_bytes_total") == ["-": 201])
        #expect(try values("istio_tcp_connections_closed_total") == [:])
        record.flags = [.streamIdleTimeout]
        metrics.closed(record)
        #expect(try values("istio_tcp_connections_closed_total") == ["SI": 1])
        #expect(try values("istio_tcp_connections_opened_total") == ["-": 1])
    }
}
