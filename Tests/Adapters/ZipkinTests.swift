import Foundation
import PosternSDK
import PosternTestKit
import TestSupport
import Testing
import Zipkin

@Suite(.ownThread) struct ZipkinTests {
    let host = TestHost()
    let backend: RawBackend

    init() throws { self.backend = try RawBackend() }

    func handler(_ more: String = "") throws -> TestHandler {
        try self.host.configure(
            ZipkinAdapter.self, "{ \"endpoint\": \"http://\(self.backend.address)\"\(more) }")
    }

    func answer(_ status: String) {
        self.backend.on("/api/v2/spans", answer: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
    }

    /// The spans of the last request, each held against what Zipkin's API says of a span.
    func spans() throws -> [JSONValue] {
        let message = try #require(self.backend.takeRequests().last)
        #expect(message.method == "POST" && message.target == "/api/v2/spans")
        #expect(message["content-type"] == "application/json")
        guard case .array(let spans) = try JSONValue(parsing: message.body) else {
            Issue.record("no list")
            return []
        }
        for span in spans {
            let problems = ZipkinSpan.problems(of: span)
            #expect(problems.isEmpty, "\(problems) \(span.json)")
        }
        return spans
    }

    @Test("Spans go as a list in Zipkin's JSON, with both ends and tags")
    func server() throws {
        let report = try self.handler().report([Telemetry.span(), Telemetry.span(status: 503)])
        #expect(report.isDelivered)
        let spans = try self.spans()
        #expect(spans.count == 2)
        #expect(
            spans[0].json
                == #"{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"b7ad6b7169203331","#
                + #""parentId":"00f067aa0ba902b7","kind":"SERVER","name":"get /reviews","#
                + #""timestamp":1700000000000001,"duration":250001,"#
                + #""localEndpoint":{"serviceName":"reviews"},"#
                + #""remoteEndpoint":{"serviceName":"web","ipv4":"10.0.0.1"},"#
                + #""tags":{"http.status_code":"200","#
                + #""http.request.size":"10","http.response.size":"2000","http.route":"/reviews/*"}}"#)
        #expect(spans[1].at("tags.error").text == "503")
    }

    @Test("A client's own end is the source; a span without identifiers is lost, and no other")
    func client() throws {
        let handler = try self.handler(#", "serviceName": "edge""#)
        let bare = TestRecord(
            TestShape(.traceSpan, name: "Spans", columns: Telemetry.spanColumns),
            [.string("463AC35C9F6413AD"), .string("463ac35c9f6413ad")] + Array(repeating: .absent, count: 12))
        let report = handler.report([
            Telemetry.span(id: .absent), Telemetry.span(status: 404, isClient: true), bare,
            Telemetry.span(id: .string("not hexadecimal!")),
        ])
        #expect(report.outcomes == [.refused, .delivered, .delivered, .refused])
        let spans = try self.spans()
        #expect(
            spans[0].at("kind").text == "CLIENT" && spans[0].at("localEndpoint.serviceName").text == "web")
        #expect(
            spans[0].at("localEndpoint.ipv4").text == "10.0.0.1" && spans[0].at("tags.error").text == "404")
        #expect(
            spans[1].json
                == #"{"traceId":"463ac35c9f6413ad","id":"463ac35c9f6413ad","kind":"SERVER","name":"spans","#
                + #""localEndpoint":{"serviceName":"edge"}}"#)
    }

    @Test("A span whose times lie further apart than numbers reach has the longest duration there is")
    func longest() throws {
        let columns = Telemetry.spanColumns
        func span(_ start: Int64, _ end: Int64) -> TestRecord {
            TestRecord(
                TestShape(.traceSpan, name: "spans", columns: columns),
                [.string(Telemetry.traceID), .string(Telemetry.spanID), .absent, .absent, .timestamp(start)]
                    + [.timestamp(end)] + Array(repeating: .absent, count: columns.count - 6))
        }
        #expect(try self.handler().report([span(.min, .max), span(.max, .min)]).isDelivered)
        let message = try #require(self.backend.takeRequests().last)
        #expect(message.text.contains(#""duration":9223372036854775,"#))
        #expect(message.text.contains(#""duration":1,"#))
    }

    @Test("Busy and failing collectors are asked again, those that refuse are not")
    func answers() throws {
        let handler = try self.handler()
        for status in ["429 Busy", "503 Away", "500 Bad", "408 Late"] {
            self.answer(status)
            #expect(handler.report([Telemetry.span()]).problem?.contains(String(status.prefix(3))) == true)
        }
        self.answer("400 Bad")
        #expect(handler.report([Telemetry.span()]).outcomes == [.refused])
        #expect(self.host.log.last?.message == "it answered 400")
        self.answer("202 Accepted")
        #expect(handler.report([Telemetry.span()]).isDelivered)
        #expect(handler.report([], isLast: true).isDelivered)
    }

    @Test("Absent, killed and slow collectors cost no span")
    func failures() throws {
        let port = try freePort()
        let handler = try self.host.configure(
            ZipkinAdapter.self, "{ \"endpoint\": \"http://127.0.0.1:\(port)\", \"timeout\": \"200ms\" }")
        #expect(handler.report([Telemetry.span()]).problem?.contains("refused") == true)
        do {
            let backend = try RawBackend(at: "127.0.0.1:\(port)")
            #expect(eventually { handler.report([Telemetry.span()]).isDelivered })
            let gate = Gate()
            backend.on("/api/v2/spans") { _, _ in
                try gate.wait()
                return false
            }
            #expect(handler.report([Telemetry.span()]).problem?.contains("timed out") == true)
            gate.open()
            backend.on("/api/v2/spans", answer: "HTTP/1.1 202 Yes\r\nContent-Length: 0\r\n\r\n")
            backend.dropConnections()
            #expect(eventually { handler.report([Telemetry.span()]).isDelivered })
        }
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(
            problem(ZipkinAdapter.self, #"{ "endpoint": "zipkin" }"#).hasPrefix("/endpoint: must be http"))
        #expect(
            problem(ZipkinAdapter.self, #"{ "endpoint": "http://a", "headers": { "X": "y" } }"#)
                .hasPrefix("/headers/X: must have a name in small letters"))
        #expect(
            problem(ZipkinAdapter.self, #"{ "endpoint": "http://a", "timeout": "0s" }"#)
                .hasPrefix("/timeout: must be"))
    }
}

/// What Zipkin's API, version 2, says of a span.
enum ZipkinSpan {
    static func problems(of span: JSONValue) -> [String] {
        var problems: [String] = []
        func check(_ holds: Bool, _ what: String) { if !holds { problems.append(what) } }
        guard case .object(let members) = span else { return ["no object"] }
        let known: Set = [
            "traceId", "id", "parentId", "kind", "name", "timestamp", "duration", "debug", "shared",
            "localEndpoint", "remoteEndpoint", "annotations", "tags",
        ]
        for member in members { check(known.contains(member.key), "unknown \(member.key)") }
        func isID(_ text: String?, _ lengths: Set<Int>) -> Bool {
            guard let text else { return false }
            return lengths.contains(text.count) && text.wholeMatch(of: /[a-f0-9]+/) != nil
                && text.contains { $0 != "0" }
        }
        check(isID(span["traceId"]?.text, [16, 32]), "traceId")
        check(isID(span["id"]?.text, [16]), "id")
        check(span["parentId"].map { isID($0.text, [16]) } ?? true, "parentId")
        let kinds: Set = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"]
        check(span["kind"].map { kinds.contains($0.text ?? "") } ?? true, "kind")
        check(span["name"].map { $0.text == $0.text?.lowercased() && $0.text != nil } ?? true, "name")
        for key in ["timestamp", "duration"] {
            guard let value = span[key] else { continue }
            guard case .number(let text) = value, let number = Int64(text), number >= 1 else {
                problems.append(key)
                continue
            }
        }
        for key in ["localEndpoint", "remoteEndpoint"] {
            guard let end = span[key] else { continue }
            guard case .object(let parts) = end else {
                problems.append(key)
                continue
            }
            for part in parts {
                switch part.key {
                case "serviceName":
                    check(part.value.text == part.value.text?.lowercased(), "\(key).serviceName")
                case "ipv4": check(part.value.text?.wholeMatch(of: /(\d+\.){3}\d+/) != nil, "\(key).ipv4")
                case "ipv6": check(part.value.text?.contains(":") == true, "\(key).ipv6")
                case "port": check((1...65_535).contains(part.value.number ?? 0), "\(key).port")
                default: problems.append("\(key).\(part.key)")
                }
            }
        }
        if case .object(let tags)? = span["tags"] {
            for tag in tags { check(tag.value.text != nil, "tag \(tag.key) is no text") }
        }
        return problems
    }
}
