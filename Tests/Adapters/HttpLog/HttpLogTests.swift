import Foundation
import HttpLog
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct HttpLogTests {
    let host = TestHost()

    func server(_ shape: String, _ arguments: [String] = []) throws -> PythonServer {
        try PythonServer("log_server.py", ["--shape", shape] + arguments)
    }

    func handler(_ server: PythonServer, _ shape: String, _ config: String = "") throws -> TestHandler {
        let path = ["lines", "array"].contains(shape) ? "/logs" : ""
        return try self.host.configure(
            HttpLog.self,
            #"{ "url": "http://\#(server.address)\#(path)", "shape": "\#(shape)", "omitAbsent": true"#
                + (config.contains("timeout") ? "" : #", "timeout": "20s""#) + " \(config) }")
    }

    func record(_ number: Int, fate: String? = nil) -> TestRecord {
        .logEntry(
            severity: number % 2 == 0 ? "info" : "error",
            [
                "n": .int64(Int64(number)), "s": .string("é\"\n\u{1}\\"), "d": .double(0.5), "gone": .absent,
                "fate": fate.map { .string($0) } ?? .absent,
            ])
    }

    func numbers(_ seen: [[String: Any]]) -> [Int] {
        seen.compactMap { ($0["record"] as? [String: Any])?["n"] as? Int }
    }

    static let shapes = ["lines", "array", "loki", "elasticsearch", "splunk"]

    @Test("Records arrive with their values in every shape, over one connection", arguments: shapes)
    func records(_ shape: String) throws {
        let server = try self.server(shape)
        let handler = try self.handler(server, shape)
        for batch in 0..<3 {
            #expect(handler.report((0..<500).map { self.record(batch * 500 + $0) }).isDelivered)
        }
        let seen = try server.seen(1500)
        #expect(self.numbers(seen) == Array(0..<1500), "\(seen.first { $0["fault"] != nil } ?? [:])")
        #expect(Set(seen.compactMap { $0["connection"] as? Int }).count == 1)
        let first = try #require(seen.first?["record"] as? [String: Any])
        #expect(first["s"] as? String == "é\"\n\u{1}\\" && first["d"] as? Double == 0.5)
        #expect(first["severity"] as? String == "info" && first["gone"] == nil)
        #expect(first["timestamp"] as? String == "2023-11-14T22:13:20.123Z")
    }

    @Test("Loki gets streams by labels, with nanoseconds and lines of text")
    func loki() throws {
        let server = try self.server("loki")
        let handler = try self.host.configure(
            HttpLog.self,
            #"""
            { "url": "http://\#(server.address)", "shape": "loki", "format": "text", "line": "{n} {s}",
              "loki": { "labels": { "job": "gw", "env": "a\"b" }, "columns": ["severity", "fate"] },
              "headers": [{ "name": "X-Scope-OrgID", "value": "t1" }] }
            """#)
        #expect(handler.report((0..<4).map { self.record($0) }).isDelivered)
        let seen = try server.seen(4)
        #expect(seen.map { $0["record"] as? String } == [0, 2, 1, 3].map { "\($0) é\\\"\\x0a\\x01\\\\" })
        let labels = seen.map { $0["stream"] as? [String: String] ?? [:] }
        #expect(labels[0] == ["job": "gw", "env": "a\"b", "severity": "info"])
        #expect(labels[2] == ["job": "gw", "env": "a\"b", "severity": "error"])
        #expect(
            seen.allSatisfy {
                $0["time"] as? String == "1700000000123456789" && $0["tenant"] as? String == "t1"
            })
    }

    @Test("Elasticsearch gets the record's index, by its day where wanted")
    func elasticsearch() throws {
        let server = try self.server("elasticsearch")
        let config = #", "elasticsearch": { "index": "gw-{date}-a", "operation": "index" }"#
        #expect(try self.handler(server, "elasticsearch", config).report([self.record(1)]).isDelivered)
        let empty = #", "columns": ["gone"]"#
        #expect(try self.handler(server, "elasticsearch", empty).report([self.record(2)]).isDelivered)
        let seen = try server.seen(2)
        #expect(
            seen[0]["index"] as? String == "gw-2023.11.14-a" && seen[0]["operation"] as? String == "index")
        #expect(seen[1]["index"] as? String == "postern" && seen[1]["operation"] as? String == "create")
        #expect(seen[1]["record"] as? [String: String] == ["@timestamp": "2023-11-14T22:13:20.123Z"])
    }

    @Test("Of a bulk request, busy items come again and bad ones are refused")
    func partial() throws {
        let server = try self.server("elasticsearch")
        let handler = try self.handler(server, "elasticsearch")
        let records = [
            self.record(0), self.record(1, fate: "busy"), self.record(2, fate: "poison"), self.record(3),
        ]
        let report = handler.report(records)
        #expect(report.problem == nil && report.outcomes == [.delivered, .again, .refused, .delivered])
        let said = self.host.log.last?.message ?? ""
        #expect(said.contains("1 records are to come again, 1 are refused: 400 fate poison; 429 fate busy"))
        #expect(handler.report([records[1]], attempt: 1).isDelivered)
        #expect(self.numbers(try server.seen(3)) == [0, 3, 1])
        let all = [self.record(7, fate: "busy"), self.record(8, fate: "busy")]
        #expect(handler.report(all).problem?.contains("429 fate busy") == true)
    }

    @Test(
        "A bulk answer with a status that is none takes nothing, and harms nobody",
        arguments: ["1e30", "-1e300", "200.5"])
    func strangeStatus(_ status: String) throws {
        let backend = try RawBackend()
        let body = #"{"errors":true,"items":[{"create":{"status":\#(status)}}]}"#
        backend.onConnection { connection in
            while try connection.readRequest() != nil {
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        let handler = try self.host.configure(
            HttpLog.self,
            #"{ "url": "http://\#(backend.address)", "shape": "elasticsearch", "timeout": "20s" }"#)
        let report = handler.report([self.record(1)])
        #expect(report.problem?.contains("answers an action with no 'status'") == true)
    }

    @Test(
        "A record that a server cannot take is found and refused alone",
        arguments: ["lines", "array", "loki", "splunk"])
    func poison(_ shape: String) throws {
        let server = try self.server(shape)
        let handler = try self.handler(server, shape)
        let bad = [3, 17, 18]
        let report = handler.report((0..<40).map { self.record($0, fate: bad.contains($0) ? "poison" : nil) })
        #expect(report.problem == nil)
        #expect(report.outcomes == (0..<40).map { bad.contains($0) ? .refused : .delivered })
        #expect(self.numbers(try server.seen(37)).sorted() == (0..<40).filter { !bad.contains($0) })
    }

    @Test("A batch that is larger than maxBody is posted in parts")
    func parts() throws {
        let server = try self.server("lines")
        let handler = try self.handler(server, "lines", #", "maxBody": "1KiB""#)
        #expect(handler.report((0..<100).map { self.record($0) }).isDelivered)
        #expect(self.numbers(try server.seen(100)) == Array(0..<100))
    }

    @Test("Splunk gets its token and where events belong; without the token nothing is taken")
    func splunk() throws {
        let server = try self.server("splunk", ["--authorization", "Splunk s3cret"])
        let members =
            #""splunk": { "index": "main", "source": "gw", "sourcetype": "access", "host": "h\"1" }"#
        let good = #", \#(members), "authorization": "Splunk s3cret""#
        #expect(try self.handler(server, "splunk", good).report([self.record(1)]).isDelivered)
        let seen = try #require(try server.seen(1).first)
        #expect(seen["index"] as? String == "main" && seen["source"] as? String == "gw")
        #expect(seen["sourcetype"] as? String == "access" && seen["host"] as? String == "h\"1")
        #expect(seen["time"] as? Double == 1_700_000_000.123)
        let problem =
            try self.handler(server, "splunk", #", "authorization": "Splunk wr0ng""#)
            .report([self.record(2)]).problem ?? ""
        #expect(
            problem.contains("HTTP status 401 {\"text\": \"Invalid token\"") && !problem.contains("wr0ng"))
    }

    @Test(
        "A busy or failing server takes nothing, and the same records come again",
        arguments: [429, 500, 503, 404])
    func failing(_ status: Int) throws {
        let server = try self.server("lines", ["--status", "\(status)"])
        let problem = try self.handler(server, "lines").report([self.record(1)]).problem ?? ""
        #expect(problem == "\(server.address): HTTP status \(status) {\"message\": \"told to\"}")
    }

    @Test("A server that fails after a part was taken gets the other parts later")
    func later() throws {
        let server = try self.server("lines", ["--busy-at", "3"])
        let handler = try self.handler(server, "lines", #", "maxBody": "1KiB""#)
        let records = (0..<40).map { self.record($0) }
        let report = handler.report(records)
        let taken = self.numbers(try server.seen(1)).count
        #expect(report.problem == nil && taken > 10 && taken < 30)
        #expect(report.outcomes == (0..<40).map { $0 < taken ? .delivered : .again })
        #expect(handler.report(Array(records[taken...]), attempt: 1).isDelivered)
        #expect(self.numbers(try server.seen(40)) == Array(0..<40))
    }

    @Test("A server that is away, silent, or killed in between takes nothing until it is back")
    func away() throws {
        let server = try self.server("array")
        server.stop()
        let handler = try self.handler(server, "array")
        #expect(handler.report([self.record(1)]).problem?.contains("Connection refused") == true)
        try server.start(["--shape", "array"])
        #expect(handler.report([self.record(1)], attempt: 1).isDelivered)
        server.stop()
        #expect(handler.report([self.record(2)]).problem != nil)
        try server.start(["--shape", "array"])
        #expect(handler.report([self.record(2)], attempt: 1).isDelivered)
        #expect(self.numbers(try server.seen(2)) == [1, 2])
        let silent = try self.server("array", ["--silent"])
        let waits = try self.handler(silent, "array", #", "timeout": "100ms""#).report([self.record(1)])
            .problem
        #expect(waits == "\(silent.address): timed out while waiting for an answer")
    }

    @Test("HTTPS looks at the server's certificate")
    func tls() throws {
        let made = try TestCertificates()
        try made.add("server", names: ["IP:127.0.0.1"])
        let server = try self.server(
            "lines", ["--certificate", made.path("server.pem"), "--key", made.path("server.key")])
        let authority = String(decoding: try JSONEncoder().encode(made.text(of: "ca.pem")), as: UTF8.self)
        func report(_ tls: String) throws -> TestReport {
            try self.host.configure(HttpLog.self, #"{ "url": "https://\#(server.address)/logs" \#(tls) }"#)
                .report([self.record(1)])
        }
        #expect(try report(#", "tls": { "trustedCA": \#(authority) }"#).isDelivered)
        #expect(try report("").problem?.contains("its certificate is not accepted") == true)
        #expect(self.numbers(try server.seen(1)) == [1])
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""url": "ftp://a""#, "/url: must be http://"), (#""url": "http://u:s3cret@a/""#, "/url"),
            (#""url": "http://a", "shape": "xml""#, "/shape"),
            (
                #""url": "http://a", "format": "text", "line": "x""#,
                "/format: must be json with 'shape: lines'"
            ),
            (#""url": "http://a", "loki": {}"#, "/loki: is of 'shape: loki' only"),
            (
                #""url": "http://a", "shape": "loki", "loki": { "columns": ["a-b"] }"#,
                "/loki/columns: 'a-b' must"
            ),
            (#""url": "http://a", "shape": "loki", "loki": { "labels": {} }"#, "/loki/labels: must have one"),
            (
                #""url": "http://a", "shape": "elasticsearch", "elasticsearch": { "index": "A" }"#,
                "/elasticsearch/index"
            ),
            (#""url": "http://a", "authorization": "s3cret\n""#, "/authorization"),
            (#""url": "http://a", "headers": [{ "name": "Host", "value": "a" }]"#, "/headers/0/name"),
            (
                #""url": "http://a", "headers": [{ "name": "a", "value": "s3cret\r\nb: c" }]"#,
                "/headers/0/value"
            ),
            (#""url": "http://a", "tls": {}"#, "/tls: needs a URL with https"),
            (#""url": "http://a", "maxBody": "10B""#, "/maxBody: must be at least 1KiB, got 10B"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try self.host.configure(HttpLog.self, "{ \(config) }")
        } throws: {
            "\($0)".contains(why) && !"\($0)".contains("s3cret")
        }
    }
}
