import Foundation
import Otlp
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct OtlpTests {
    let host = TestHost()

    func handler(_ receiver: OtlpReceiver, _ transport: String, _ more: String = "") throws -> TestHandler {
        try self.host.configure(
            OtlpAdapter.self,
            """
            { "endpoint": "http://127.0.0.1:\(receiver.port)", "protocol": "\(transport)",
              "resource": { "zone": "a" }\(more) }
            """)
    }

    @Test("A batch's logs, metrics and spans arrive, whole, by either protocol", arguments: ["http", "grpc"])
    func signals(transport: String) throws {
        let receiver = try OtlpReceiver(transport)
        let handler = try self.handler(receiver, transport, #", "headers": { "x-token": "abc" }"#)
        let report = handler.report([
            Telemetry.log(), Metrics.counter(12), Telemetry.span(status: 503), Metrics.gauge(-2.5),
            Metrics.counter(3, code: 404), Metrics.histogram([3, 2, 1, 4], sum: 12.75),
            Telemetry.log("again"),
        ])
        #expect(report.isDelivered, "\(report) \(receiver.folder.text(of: "log"))")
        #expect(receiver.requests.count == 3)
        let logs = receiver.last("logs")
        #expect(logs.at("fields.x-token").text == "abc")
        #expect(
            logs.at("request.resourceLogs.0.resource.attributes").json
                == #"[{"key":"service.name","value":{"stringValue":"postern"}},"#
                + #"{"key":"zone","value":{"stringValue":"a"}}]"#)
        let log = logs.at("request.resourceLogs.0.scopeLogs.0.logRecords.0")
        #expect(log.at("timeUnixNano").text == "1700000000123456789")
        #expect(
            log.at("severityNumber").text == "SEVERITY_NUMBER_WARN"
                && log.at("severityText").text == "warning")
        #expect(log.at("body.stringValue").text == "hello")
        #expect(
            log.at("traceId").text == "CvdlGRbNQ92ESOshHIAxnA==" && log.at("spanId").text == "t61rcWkgMzE=")
        #expect(
            log.at("attributes").json
                == #"[{"key":"status","value":{"intValue":"503"}},"#
                + #"{"key":"took","value":{"stringValue":"1.5s"}},"#
                + #"{"key":"ratio","value":{"doubleValue":0.5}},{"key":"cached","value":{"boolValue":true}},"#
                + "{\"key\":\"bad\",\"value\":{\"stringValue\":\"a\u{FFFD}\"}}]")
        #expect(logs.at("request.resourceLogs.0.scopeLogs.0.logRecords.1.body.stringValue").text == "again")
        self.checkMetrics(receiver.last("metrics").at("request.resourceMetrics.0.scopeMetrics.0.metrics"))
        self.checkSpan(receiver.last("traces").at("request.resourceSpans.0.scopeSpans.0.spans.0"))
    }

    private func checkMetrics(_ metrics: JSONValue) {
        let sum = metrics.at("0.sum")
        #expect(
            metrics.at("0.name").text == "requests"
                && metrics.at("0.description").text == "Requests \"served\".")
        #expect(sum.at("aggregationTemporality").text == "AGGREGATION_TEMPORALITY_CUMULATIVE")
        #expect(sum.at("isMonotonic") == .bool(true))
        #expect(sum.at("dataPoints.0.asDouble").number == 12 && sum.at("dataPoints.1.asDouble").number == 3)
        #expect(sum.at("dataPoints.0.startTimeUnixNano").text == "1")
        #expect(sum.at("dataPoints.0.timeUnixNano").text == "\(Metrics.now)")
        #expect(sum.at("dataPoints.1.attributes.0.value.intValue").text == "404")
        #expect(metrics.at("1.gauge.dataPoints.0.asDouble").number == -2.5)
        let histogram = metrics.at("2.histogram")
        #expect(metrics.at("2.unit").text == "seconds")
        #expect(histogram.at("dataPoints.0.bucketCounts").json == #"["3","2","1","4"]"#)
        #expect(histogram.at("dataPoints.0.explicitBounds").json == "[0.1,0.5,2.0]")
        #expect(
            histogram.at("dataPoints.0.count").text == "10"
                && histogram.at("dataPoints.0.sum").number == 12.75)
        #expect(histogram.at("dataPoints.0.attributes.0.value.stringValue").text == "reviews")
    }

    private func checkSpan(_ span: JSONValue) {
        #expect(
            span.at("traceId").text == "CvdlGRbNQ92ESOshHIAxnA=="
                && span.at("parentSpanId").text == "APBnqgupArc=")
        #expect(span.at("name").text == "GET /reviews" && span.at("kind").text == "SPAN_KIND_SERVER")
        #expect(span.at("startTimeUnixNano").text == "1700000000000001000")
        #expect(span.at("endTimeUnixNano").text == "1700000000250002000")
        #expect(span.at("status.code").text == "STATUS_CODE_ERROR")
        #expect(
            span.at("attributes").json
                == #"[{"key":"http.response.status_code","value":{"intValue":"503"}},"#
                + #"{"key":"source.name","value":{"stringValue":"web"}},"#
                + #"{"key":"client.address","value":{"stringValue":"10.0.0.1"}},"#
                + #"{"key":"destination.name","value":{"stringValue":"reviews"}},"#
                + #"{"key":"http.request.size","value":{"intValue":"10"}},"#
                + #"{"key":"http.response.size","value":{"intValue":"2000"}},"#
                + #"{"key":"http.route","value":{"stringValue":"/reviews/*"}}]"#)
    }

    @Test("A span is a client's where it says so; one without an identifier is lost, and no other")
    func spans() throws {
        let receiver = try OtlpReceiver("http")
        let handler = try self.handler(receiver, "http")
        let report = handler.report([
            Telemetry.span(status: 404, isClient: true), Telemetry.span(id: .string("0000000000000000")),
            Telemetry.span(id: .absent), Telemetry.span(parent: .absent),
        ])
        #expect(report.outcomes == [.delivered, .refused, .refused, .delivered])
        let spans = receiver.last("traces").at("request.resourceSpans.0.scopeSpans.0.spans")
        #expect(
            spans.at("0.kind").text == "SPAN_KIND_CLIENT"
                && spans.at("0.status.code").text == "STATUS_CODE_ERROR")
        #expect(spans.at("1.parentSpanId") == .null && spans.at("1.status") == .null)
    }

    @Test(
        "What a collector says decides whether records come again or are lost",
        arguments: [
            ("http", 429, true), ("http", 502, true), ("http", 503, true), ("http", 504, true),
            ("http", 400, false), ("http", 401, false), ("http", 404, false), ("http", 500, false),
            ("grpc", 1, true), ("grpc", 4, true), ("grpc", 10, true), ("grpc", 11, true), ("grpc", 14, true),
            ("grpc", 15, true), ("grpc", 3, false), ("grpc", 8, false), ("grpc", 12, false),
            ("grpc", 16, false),
        ])
    func statuses(transport: String, status: Int, again: Bool) throws {
        let receiver = try OtlpReceiver(transport)
        let handler = try self.handler(receiver, transport)
        try receiver.answer("{ \"status\": \(status) }")
        let report = handler.report([Telemetry.log()])
        #expect((report.problem != nil) == again, "\(report)")
        #expect(again || report.outcomes == [.refused])
        #expect(again || self.host.log.last?.message.contains("\(status)") == true)
        try receiver.answer("{}")
        #expect(handler.report([Telemetry.log()]).isDelivered)
    }

    @Test("A collector that says when to come again is left alone until then", arguments: ["http", "grpc"])
    func pause(transport: String) throws {
        let receiver = try OtlpReceiver(transport)
        let handler = try self.handler(receiver, transport)
        try receiver.answer("{ \"status\": \(transport == "http" ? 503 : 8), \"retryAfter\": 100 }")
        #expect(handler.report([Telemetry.log()]).problem != nil)
        try receiver.answer("{}")
        #expect(handler.report([Telemetry.log()]).problem?.contains("asked for a pause") == true)
        #expect(receiver.requests.count == 1)
        // The last batch is tried all the same.
        #expect(handler.report([Telemetry.log()], isLast: true).isDelivered)
    }

    @Test(
        "Of a request taken in part, as many records as were rejected are lost", arguments: ["http", "grpc"])
    func partialSuccess(transport: String) throws {
        let receiver = try OtlpReceiver(transport)
        let handler = try self.handler(receiver, transport)
        try receiver.answer(#"{ "rejected": 2, "message": "too old" }"#)
        let report = handler.report((0..<5).map { Telemetry.log("\($0)") })
        #expect(report.problem == nil && report.outcomes.filter { $0 == .refused }.count == 2)
        #expect(self.host.log.last?.message == "the collector rejected 2 records: too old")
        try receiver.answer(#"{ "message": "only a warning" }"#)
        #expect(handler.report([Telemetry.log()]).isDelivered)
    }

    @Test("Absent, killed and slow collectors cost no record", arguments: ["http", "grpc"])
    func failures(transport: String) throws {
        let receiver = try OtlpReceiver(transport)
        receiver.kill()
        let handler = try self.handler(receiver, transport, #", "timeout": "2s""#)
        #expect(handler.report([Telemetry.log()]).problem?.contains("refused") == true)
        try receiver.restart()
        #expect(eventually { handler.report([Telemetry.log("first")]).isDelivered })
        receiver.kill()
        #expect(handler.report([Telemetry.log()]).problem != nil)
        try receiver.restart()
        #expect(eventually { handler.report([Telemetry.log("second")]).isDelivered })
        try receiver.answer(#"{ "wait": 30 }"#)
        // A collector may find before us that the call's time is over.
        let late = handler.report([Telemetry.log()]).problem ?? ""
        #expect(late.contains("timed out") || late.lowercased().contains("deadline"), "\(late)")
        try receiver.answer("{}")
        #expect(eventually { handler.report([Telemetry.log("third")]).isDelivered })
        let bodies = receiver.requests.map {
            $0.at("request.resourceLogs.0.scopeLogs.0.logRecords.0.body.stringValue").text
        }
        #expect(Set(bodies).isSuperset(of: ["first", "second", "third"]))
    }

    @Test("A large batch goes through HTTP/2's windows in one request")
    func large() throws {
        let receiver = try OtlpReceiver("grpc")
        let handler = try self.handler(receiver, "grpc", #", "timeout": "20s""#)
        let text = String(repeating: "x", count: 1000)
        #expect(handler.report((0..<2500).map { _ in Telemetry.log(text) }).isDelivered)
        let records = receiver.last("logs").at("request.resourceLogs.0.scopeLogs.0.logRecords")
        #expect(records.at("2499.body.stringValue").text == text)
    }

    @Test("gRPC over TLS, with a certificate that is looked at")
    func tls() throws {
        let made = try TestCertificates()
        try made.add("server", names: ["DNS:localhost", "IP:127.0.0.1"])
        let receiver = try OtlpReceiver(
            "grpc", certificate: [made.path("server.pem"), made.path("server.key")])
        func handler(_ authority: String) throws -> TestHandler {
            try self.host.configure(
                OtlpAdapter.self,
                """
                { "endpoint": "https://localhost:\(receiver.port)", "protocol": "grpc",
                  "tls": { "trustedCA": \(JSONValue.string(authority).json) } }
                """)
        }
        #expect(try handler(made.text(of: "ca.pem")).report([Telemetry.log()]).isDelivered)
        let stranger = try TestCertificates().text(of: "ca.pem")
        #expect(try handler(stranger).report([Telemetry.log()]).problem?.contains("certificate") == true)
        #expect(receiver.requests.count == 1)
    }

    @Test("OtelTap takes all three")
    func oteltap() throws {
        let port = try freePort()
        let folder = try TemporaryFolder()
        let tap = try ChildProcess(
            Binaries.checkout.appendingPathComponent(".build-venv/bin/oteltap").path, ["--port", "\(port)"],
            output: folder.file("tap"), environment: ["PYTHONUNBUFFERED": "1"])
        defer { tap.stop() }
        let handler = try self.host.configure(
            OtlpAdapter.self, "{ \"endpoint\": \"http://127.0.0.1:\(port)\" }")
        let records = [Telemetry.log("a log"), Metrics.counter(12), Telemetry.span(name: "a span")]
        #expect(eventually { handler.report(records).isDelivered }, "\(folder.text(of: "tap"))")
        for text in ["a log", "a span", "requests"] {
            #expect(
                eventually { folder.text(of: "tap").contains("\"\(text)\"") },
                "\(text): \(folder.text(of: "tap"))")
        }
    }

    @Test("Rotel takes all three by both protocols, and passes them on", arguments: ["http", "grpc"])
    func rotel(transport: String) throws {
        let ports = ["http": try freePort(), "grpc": try freePort()]
        let receiver = try OtlpReceiver("http")
        let folder = try TemporaryFolder()
        let library = try Tool.run(OtlpReceiver.python, ["-c", "import rotel; print(rotel.__path__[0])"])
        let rotel = try ChildProcess(
            library.trimmingCharacters(in: .whitespacesAndNewlines) + "/rotel-agent",
            [
                "start", "--otlp-grpc-endpoint", "127.0.0.1:\(ports["grpc"] ?? 0)",
                "--otlp-http-endpoint", "127.0.0.1:\(ports["http"] ?? 0)",
                "--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint",
                "http://127.0.0.1:\(receiver.port)", "--batch-timeout", "100ms",
            ], output: folder.file("log"))
        defer { rotel.stop() }
        let handler = try self.host.configure(
            OtlpAdapter.self,
            """
            { "endpoint": "http://127.0.0.1:\(ports[transport] ?? 0)", "protocol": "\(transport)" }
            """)
        let records = [Telemetry.log(), Metrics.counter(12), Telemetry.span()]
        #expect(eventually { handler.report(records).isDelivered }, "\(folder.text(of: "log"))")
        #expect(
            eventually { Set(receiver.requests.map { $0.at("kind").text }).count == 3 },
            "\(folder.text(of: "log")) \(receiver.folder.text(of: "log"))")
        let logs = receiver.last("logs").at("request.resourceLogs.0.scopeLogs.0.logRecords.0")
        #expect(logs.at("body.stringValue").text == "hello")
        let metric = receiver.last("metrics").at("request.resourceMetrics.0.scopeMetrics.0.metrics.0")
        #expect(metric.at("sum.dataPoints.0.asDouble").number == 12)
        let span = receiver.last("traces").at("request.resourceSpans.0.scopeSpans.0.spans.0")
        #expect(span.at("name").text == "GET /reviews")
    }

    @Test("A pause that no Duration holds is one of a day")
    func longestPause() {
        var delay = ProtobufWriter()
        delay.varint(1, .max)
        delay.varint(2, .max)
        var info = ProtobufWriter()
        info.data(1, delay.bytes)
        var any = ProtobufWriter()
        any.string(1, "type.googleapis.com/google.rpc.RetryInfo")
        any.data(2, info.bytes)
        var status = ProtobufWriter()
        status.data(3, any.bytes)
        let details = Base64.encode(status.bytes.span)
        let result = ExportResult(status: 14, message: "", details: details, body: [])
        guard case .again(_, let after) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(after == .seconds(86_400) + .nanoseconds(999_999_999))
    }

    @Test("Configurations that make no sense are refused with the place, and without secrets")
    func refusals() {
        func why(_ json: String) -> String { problem(OtlpAdapter.self, json) }
        #expect(why(#"{ "endpoint": "127.0.0.1:4317" }"#).hasPrefix("/endpoint: must be http://"))
        #expect(
            why(#"{ "endpoint": "http://a:1/x", "protocol": "grpc" }"#).hasPrefix(
                "/endpoint: must have no path"))
        #expect(why(#"{ "endpoint": "http://a:1", "timeout": "0s" }"#).hasPrefix("/timeout: must be"))
        let header = why(#"{ "endpoint": "http://a:1", "headers": { "x": "secret\nline" } }"#)
        #expect(header.hasPrefix("/headers/x: must have") && !header.contains("secret"))
        #expect(
            why(#"{ "endpoint": "http://a:1", "headers": { "Big": "x" } }"#).hasPrefix("/headers/Big: must"))
    }
}
