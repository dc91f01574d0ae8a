import Foundation
import PluginNet
import PluginSupport
import PosternSDK
import PosternTestKit
import Prometheus
import TestSupport
import Testing

@Suite(.ownThread) struct PrometheusTests {
    let host = TestHost()
    let port: Int

    init() throws { self.port = try freePort() }

    func handler(_ more: String = "") throws -> TestHandler {
        let handler = try self.host.configure(
            PrometheusAdapter.self, "{ \"address\": \"127.0.0.1:\(self.port)\"\(more) }")
        handler.tick()
        return handler
    }

    func scrape(accept: String = "") throws -> (text: String, type: String?) {
        let url = try #require(HTTPURL("http://127.0.0.1:\(self.port)/metrics"))
        var client = HTTPClient(url, timeout: .seconds(10), limit: 16 << 20)
        let answer = try client.send("GET", fields: accept.isEmpty ? [] : [("accept", accept)])
        #expect(answer.status == 200)
        return (String(decoding: answer.body, as: UTF8.self), answer.field("content-type"))
    }

    static let all = [
        Metrics.counter(1234), Metrics.counter(5, code: 503, service: "a\\b\"c\nd"), Metrics.gauge(-2.5),
        Metrics.gauge(7, zone: .absent), Metrics.histogram([3, 2, 1, 4], sum: 12.75),
    ]

    @Test("A client that sends its request in drops holds others up for seconds, not for as long as it likes")
    func slowRequest() throws {
        let handler = try self.handler()
        handler.series = Self.all
        let slow = try RawConnection(to: "127.0.0.1:\(self.port)")
        try slow.send("GET /metrics HTTP/1.1\r\nx: ")
        let isOver = Lock(false)
        defer { isOver.withLock { $0 = true } }
        Thread.detachNewThread {
            while !isOver.withLock({ $0 }) {
                try? slow.send("x")
                usleep(100_000)
            }
        }
        #expect(try self.scrape().text.contains("requests_total"))
    }

    @Test("A scrape in Prometheus' text format shows every series as it is")
    func text() throws {
        let handler = try self.handler(#", "prefix": "edge_""#)
        handler.series = Self.all
        let (text, type) = try self.scrape()
        #expect(type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            text == """
                # HELP edge_duration_seconds How long.
                # TYPE edge_duration_seconds histogram
                edge_duration_seconds_bucket{service="reviews",le="0.1"} 3
                edge_duration_seconds_bucket{service="reviews",le="0.5"} 5
                edge_duration_seconds_bucket{service="reviews",le="2.0"} 6
                edge_duration_seconds_bucket{service="reviews",le="+Inf"} 10
                edge_duration_seconds_sum{service="reviews"} 12.75
                edge_duration_seconds_count{service="reviews"} 10
                # HELP edge_load The load.
                # TYPE edge_load gauge
                edge_load{zone="a"} -2.5
                edge_load 7
                # HELP edge_requests_total Requests "served".
                # TYPE edge_requests_total counter
                edge_requests_total{response_code="200",service="reviews"} 1234
                edge_requests_total{response_code="503",service="a\\\\b\\"c\\nd"} 5
                # HELP postern_prometheus_left_out_series Series beyond maxSeries, which are not shown.
                # TYPE postern_prometheus_left_out_series gauge
                postern_prometheus_left_out_series{metric="edge_duration_seconds"} 0
                postern_prometheus_left_out_series{metric="edge_load"} 0
                postern_prometheus_left_out_series{metric="edge_requests"} 0

                """)
    }

    @Test("Who accepts OpenMetrics gets it: families without _total, units, an end")
    func openMetrics() throws {
        let handler = try self.handler()
        handler.series = Self.all
        let accept =
            "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        let (text, type) = try self.scrape(accept: accept)
        #expect(type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(text.contains("# TYPE requests counter\nrequests_total{response_code=\"200\""))
        #expect(text.contains("# UNIT duration_seconds seconds\n"))
        #expect(text.contains("# HELP requests Requests \\\"served\\\".\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
        #expect(
            try self.scrape(accept: "application/openmetrics-text;q=0").type?.hasPrefix("text/plain") == true)
    }

    @Test("Names that Prometheus does not allow are made so, and stay apart")
    func names() throws {
        let handler = try self.handler()
        let shape = TestShape(
            .metric, name: "2xx-answers_total", columns: ["a.b", "a-b", "__x", "le", "9"], series: .counter)
        handler.series = [
            TestRecord(
                shape, Array(repeating: .bytes([0x76, 0xFF]), count: 5),
                series: SeriesValue(start: Timestamp(nanoseconds: 1), value: 1)),
            TestRecord(
                TestShape(.metric, name: "_2xx.answers", series: .counter), [],
                series: SeriesValue(start: Timestamp(nanoseconds: 1), value: 2)),
        ]
        let value = "v\u{FFFD}"
        let text = try self.scrape().text
        #expect(
            text.contains(
                "_2xx_answers_total{a_b=\"\(value)\",a_b_2=\"\(value)\",label___x=\"\(value)\","
                    + "label_le=\"\(value)\",_9=\"\(value)\"} 1\n"))
        #expect(text.contains("\n_2xx_answers_2_total 2\n"))
    }

    @Test("Beyond maxSeries of a metric, new ones are left out and counted; those shown stay")
    func limit() throws {
        let handler = try self.handler(#", "maxSeries": 2"#)
        let series = (0..<5).map { Metrics.counter(1, code: 200 + Int64($0)) } + [Metrics.gauge(1)]
        handler.series = [series[3], series[1]]
        _ = try self.scrape()
        handler.series = series
        let text = try self.scrape().text
        #expect(text.contains("\"201\"") && text.contains("\"203\"") && text.contains("load{zone=\"a\"} 1"))
        #expect(!text.contains("\"200\"") && !text.contains("\"202\"") && !text.contains("\"204\""))
        #expect(text.contains("left_out_series{metric=\"requests\"} 3\n"))
        #expect(self.host.metric("prometheus_left_out_total") == 3)
        // One that the gateway has forgotten makes room.
        handler.series = [series[0], series[3]]
        _ = try self.scrape()
        #expect(try self.scrape().text.contains("\"200\""))
    }

    @Test("A series that does not change for a while is not shown until it does")
    func expiry() throws {
        let handler = try self.handler(#", "expireAfter": "1s""#)
        handler.series = [Metrics.counter(1)]
        #expect(try self.scrape().text.contains("requests_total{"))
        #expect(try eventually { try !self.scrape().text.contains("requests_total{") })
        handler.series = [Metrics.counter(2)]
        #expect(try self.scrape().text.contains("} 2\n"))
    }

    @Test("promtool finds nothing to say against either format")
    func promtool() throws {
        let handler = try self.handler()
        handler.series = Self.all
        let folder = try TemporaryFolder()
        let file = try folder.write(try self.scrape().text, to: "metrics")
        // Its name says nothing wrong; it prints what it would have otherwise.
        let said = try Tool.run("bash", ["-c", "promtool check metrics <\(file.path)"])
        #expect(said.isEmpty, "\(said)")
    }

    @Test("Prometheus scrapes it, and PromQL has what was counted; a gateway that is away is down, then up")
    func prometheus() throws {
        let folder = try TemporaryFolder()
        let web = try freePort()
        _ = try folder.write(
            """
            global: { scrape_interval: 250ms, scrape_timeout: 250ms }
            scrape_configs:
              - { job_name: gateway, static_configs: [{ targets: ["127.0.0.1:\(self.port)"] }] }
            """, to: "prometheus.yml")
        let server = try ChildProcess(
            "prometheus",
            [
                "--config.file", folder.file("prometheus.yml").path, "--storage.tsdb.path",
                folder.file("data").path, "--web.listen-address", "127.0.0.1:\(web)", "--log.level=error",
            ], output: folder.file("log"))
        defer { server.stop() }
        func ask(_ query: String) throws -> String? {
            let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            guard let url = HTTPURL("http://127.0.0.1:\(web)/api/v1/query?query=\(encoded)") else {
                return nil
            }
            var client = HTTPClient(url, timeout: .seconds(5))
            guard let answer = try? client.send("GET"), answer.status == 200 else { return nil }
            let json = try JSONValue(parsing: answer.body)
            guard case .array(let results)? = json["data"]?["result"],
                case .array(let pair)? = results.first?["value"]
            else { return nil }
            return pair.last?.text
        }
        #expect(try eventually(within: 60) { try ask("up") == "0" }, "\(folder.text(of: "log"))")
        let handler = try self.handler()
        handler.series = Self.all
        #expect(try eventually { try ask("up") == "1" })
        #expect(try eventually { try ask("requests_total{response_code=\"200\"}") == "1234" })
        #expect(try ask("sum(requests_total)") == "1239")
        #expect(try ask("requests_total{service=\"a\\\\b\\\"c\\nd\"}") == "5")
        #expect(try ask("load{zone=\"a\"}") == "-2.5")
        #expect(try ask("histogram_quantile(0.5, duration_seconds_bucket)") == "0.5")
        #expect(try ask("duration_seconds_sum / duration_seconds_count") == "1.275")
    }

    @Test("Requests that are none, or not GET, are told so; a silent client holds up nobody for long")
    func http() throws {
        let handler = try self.handler()
        handler.series = Self.all
        let silent = try RawConnection(to: "127.0.0.1:\(self.port)")
        let posting = try RawConnection(to: "127.0.0.1:\(self.port)")
        try posting.send("POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try posting.readHead().status == 405)
        let nonsense = try RawConnection(to: "127.0.0.1:\(self.port)")
        try nonsense.send("hello\r\n\r\n")
        #expect(try nonsense.readHead().status == 400)
        #expect(try self.scrape().text.contains("requests_total"))
        _ = silent
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        func why(_ json: String) -> String { problem(PrometheusAdapter.self, json) }
        #expect(why(#"{ "address": ":1" }"#).hasPrefix("/address: must be an address with a port"))
        #expect(why(#"{ "path": "metrics" }"#).hasPrefix("/path: must begin with '/'"))
        #expect(why(#"{ "prefix": "a-b" }"#).hasPrefix("/prefix: must match"))
        #expect(why(#"{ "maxSeries": 0 }"#).hasPrefix("/maxSeries: must be 1"))
        #expect(why(#"{ "expireAfter": "1ms" }"#) == "/expireAfter: must be at least 1s")
    }
}
