import Foundation
import Primitives
import Telemetry
import Testing

@Suite struct PrometheusTextTests {
    let registry = MetricRegistry()

    func text() -> String {
        let buffer = ByteBuffer(capacity: 1024)
        PrometheusText.render(self.registry, to: buffer)
        return buffer.view.string
    }

    func define(_ definition: MetricDefinition) throws -> Metric {
        try #require(self.registry.define(definition))
    }

    @Test("Shows counters, negative gauges and cumulative histograms, and no metric without series")
    func format() throws {
        let counter = try self.define(
            MetricDefinition(
                name: "c_total", help: "Help \\ with\nbreak", kind: .counter, labels: ["a", "b"]))
        let gauge = try self.define(MetricDefinition(name: "g", help: "G.", kind: .gauge))
        let histogram = try self.define(
            MetricDefinition(
                name: "h_seconds", help: "H.", kind: .histogram, labels: ["f"],
                bounds: [500_000, 1_000_000_000],
                divisor: 1_000_000_000))
        _ = try self.define(MetricDefinition(name: "silent", help: "S.", kind: .counter))
        let cells = self.registry.makeCells()
        cells.add(self.registry.series(counter, ["x\"\\\ny", ""]), 7)
        cells.add(self.registry.series(gauge), 0 &- 3)
        let series = self.registry.series(histogram, ["z"])
        for value: UInt64 in [1, 500_000, 600_000, 2_000_000_000] {
            cells.observe(histogram.bounds, series, value)
        }
        #expect(
            self.text() == #"""
                # HELP postern_metrics_series_refused_total Look-ups of a series past the limit.
                # TYPE postern_metrics_series_refused_total counter
                postern_metrics_series_refused_total 0
                # HELP c_total Help \\ with\nbreak
                # TYPE c_total counter
                c_total{a="x\"\\\ny",b=""} 7
                # HELP g G.
                # TYPE g gauge
                g -3
                # HELP h_seconds H.
                # TYPE h_seconds histogram
                h_seconds_bucket{f="z",le="0.0005"} 2
                h_seconds_bucket{f="z",le="1"} 3
                h_seconds_bucket{f="z",le="+Inf"} 4
                h_seconds_sum{f="z"} 2.001100001
                h_seconds_count{f="z"} 4

                """#)
    }

    @Test("promtool accepts everything that Postern defines")
    func promtool() throws {
        let log = Log(level: .critical)
        let telemetry = TelemetryProcess(log: log)
        let worker = telemetry.makeWorker(index: 0)
        let filter = telemetry.filterMetrics.series(
            filter: "key-auth", phases: ["request_head", nil, "complete"])
        for _ in 0..<100 {
            let start = worker.filterTimes.start(worker.filterTimes.begin())
            worker.filterTimes.stop(filter[0], start)
            worker.filterTimes.stop(filter[2], start)
        }
        worker.filterTimes.failed(filter[0])
        let own = try #require(
            telemetry.filterDefinedMetrics.define(
                filter: "key-auth", name: "denied_total", help: "Refused.", kind: .counter, bounds: []))
        telemetry.filterDefinedMetrics.add(own, 2, in: worker.cells)
        let buffer = ByteBuffer(capacity: 1024)
        PrometheusText.render(telemetry.registry, to: buffer)

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let text = Data(buffer.view.bytes)
        Thread.detachNewThread {
            input.fileHandleForWriting.write(text)
            try? input.fileHandleForWriting.close()
        }
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said.isEmpty)
        #expect(text.count > 2000)
    }
}

@Suite struct StatsTextTests {
    let registry = MetricRegistry()

    init() throws {
        let counter = try #require(
            self.registry.define(MetricDefinition(name: "c", help: "", kind: .counter, labels: ["l"])))
        let histogram = try #require(
            self.registry.define(
                MetricDefinition(name: "h", help: "", kind: .histogram, bounds: [10, 20], divisor: 10)))
        let cells = self.registry.makeCells()
        cells.add(self.registry.series(counter, ["\u{1}\""]), 4)
        let series = self.registry.series(histogram)
        for value: UInt64 in [1, 2, 15, 30] { cells.observe(histogram.bounds, series, value) }
    }

    @Test("Text has a line a series, with quantiles of histograms")
    func text() {
        let buffer = ByteBuffer(capacity: 64)
        StatsText.render(self.registry, to: buffer)
        #expect(
            buffer.view.string == """
                postern_metrics_series_refused_total: 0
                c{l="\u{1}\\""}: 4
                h: count=4 sum=4.8 P50=<=1 P90=>2 P99=>2

                """)
    }

    @Test("JSON can be read back, with cumulative buckets")
    func json() throws {
        let buffer = ByteBuffer(capacity: 64)
        StatsText.renderJSON(self.registry, to: buffer)
        let object =
            try JSONSerialization.jsonObject(with: Data(buffer.view.bytes)) as? [String: [[String: Any]]]
        let stats = try #require(object?["stats"])
        #expect(stats.count == 3)
        #expect(stats[1]["name"] as? String == "c{l=\"\u{1}\\\"\"}")
        #expect(stats[1]["value"] as? Int == 4)
        #expect(stats[2]["count"] as? Int == 4)
        let buckets = try #require(stats[2]["buckets"] as? [[Any]])
        #expect(buckets.map { $0[1] as? Int } == [2, 3, 4])
        #expect(buckets[2][0] as? String == "+Inf")
    }
}
