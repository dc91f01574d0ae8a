import Foundation
import File
import PluginSupport
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

/// What lines look like, seen through the adapter `file`.
@Suite struct RecordLinesTests {
    let host = TestHost()
    let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    func lines(_ records: [TestRecord], _ config: String = "") throws -> String {
        let path = self.folder.file("log").path
        let handler = try self.host.configure(File.self, #"{ "path": "\#(path)" \#(config) }"#)
        #expect(handler.report(records).isDelivered)
        return self.folder.text(of: "log")
    }

    func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    @Test("A line of text has values where columns are named, and '-' for what is absent")
    func text() throws {
        let config = #", "format": "text", "line": \#(try self.quoted(AccessRecord.line))"#
        #expect(
            try self.lines([AccessRecord.make()], config) == """
                [2023-11-14T22:13:20.123Z] "GET /api/reviews?page=2 HTTP/1.1" 200 - 0 100 3 2 "203.0.113.7" \
                "curl/7.88.1" "0b7c2bd8-5c3e-4dd3-8d0a-4f4c6f1f7f3b" "reviews.example.com" "127.0.0.1:9001"\n
                """)
    }

    @Test("Values of all types, braces, and columns that a record does not have")
    func types() throws {
        let config = #", "format": "text", "line": "{{{b} {n}\t{d} {t} {i} {v6} {gone}}}""#
        let record = TestRecord.logEntry([
            "b": .bool(true), "n": .int64(.min), "d": .double(0.25), "t": .duration(-1_050_000_000),
            "i": .ipAddress([10, 0, 0, 255]),
            "v6": .ipAddress([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ])
        #expect(
            try self.lines([record, record], config)
                == String(
                    repeating: "{true -9223372036854775808\t0.25 -1.05s 10.0.0.255 2001:db8::1 -}\n", count: 2
                ))
        #expect(
            self.host.log.map(\.message) == ["the instance 'instance' has no 'gone', which lines should have"]
        )
    }

    @Test("Backslashes stand before special bytes from a place on, of a large text too")
    func backslashes() {
        let buffer = LineBuffer(capacity: 64)
        buffer.append("]")
        for _ in 0..<400_000 { buffer.append("]a") }
        buffer.insertBackslashes(from: 1) { $0 == 0x5D }
        #expect(
            buffer.bytes == Array("]".utf8) + Array(repeating: Array(#"\]a"#.utf8), count: 400_000).joined())
        buffer.insertBackslashes(from: buffer.count) { _ in true }
        #expect(buffer.count == 1_200_001)
    }

    @Test("No value can end its line or its quotes", arguments: ["text", "json"])
    func escapes(_ format: String) throws {
        let evil =
            Array("a\"\\\n\r\t\u{0}\u{7F}é\u{85}\u{2028}😀 and what is plain".utf8) + [0xFF, 0xC3, 0xED, 0xA0]
        let config = format == "text" ? #", "format": "text", "line": "'{evil}'""# : #", "columns": ["evil"]"#
        let text = try self.lines([.logEntry(["evil": .bytes(evil)])], config)
        if format == "text" {
            #expect(
                text
                    == #"'a\"\\\x0a\x0d\x09\x00\x7fé\xc2\x85\xe2\x80\xa8😀 and what is plain\xff\xc3\xed\xa0'"#
                    + "\n")
        } else {
            #expect(
                text == #"{"evil":"a\"\\\n\r\t\u0000\u007fé\u0085\u2028😀 and what is plain"#
                    + "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\"}\n")
            let read = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
            #expect(read["evil"]?.hasPrefix("a\"\\\n\r\t\u{0}\u{7F}é\u{85}\u{2028}😀 and") == true)
        }
    }

    @Test(
        "Text of any length around the eight bytes that are looked at together comes through",
        arguments: 0..<20)
    func lengths(_ count: Int) throws {
        for place in 0...count {
            var text = Array(repeating: UInt8(ascii: "x"), count: count)
            text.insert(0x22, at: place)
            let line = try self.lines([.logEntry(["t": .bytes(text)])], #", "columns": ["t"]"#)
            let last = try #require(line.split(separator: "\n").last)
            let read = try JSONDecoder().decode([String: String].self, from: Data(last.utf8))
            #expect(read["t"] == String(decoding: text, as: UTF8.self))
        }
    }

    @Test("JSON has all columns, or those named in their order; absent ones are null, or left out")
    func json() throws {
        let record = TestRecord.logEntry(["a": .int64(1), "b": .absent, "c": .double(2), "d": .double(.nan)])
        let all = #"{"severity":"info","timestamp":"2023-11-14T22:13:20.123Z","a":1,"#
        #expect(try self.lines([record]) == all + #""b":null,"c":2,"d":null}"# + "\n")
        let others = [
            (#", "omitAbsent": true"#, all + #""c":2,"d":null}"#),
            (#", "columns": ["c", "b", "a"]"#, #"{"c":2,"b":null,"a":1}"#),
            (#", "columns": ["b"], "omitAbsent": true"#, "{}"),
        ]
        for (config, line) in others {
            #expect(try self.lines([record], config).hasSuffix("\n\(line)\n"))
        }
    }

    @Test("Metrics are JSON with their labels; a histogram has its buckets")
    func metrics() throws {
        let start = Timestamp(nanoseconds: 1_699_999_990_000_000_000)
        let counter = TestRecord(
            TestShape(.metric, name: "requests", columns: ["code", "gone"]), [.int64(200), .absent],
            series: SeriesValue(start: start, value: 12))
        let histogram = TestRecord(
            TestShape(.metric, name: "latency", series: .histogram, unit: "ms", bounds: [0.5, 10]), [],
            series: SeriesValue(start: start, value: 20.5, count: 3, buckets: [1, 0, 2]))
        let times = #""timestamp":"2023-11-14T22:13:20.123Z","start":"2023-11-14T22:13:10.000Z""#
        #expect(
            try self.lines([counter, histogram], #", "format": "text", "line": "x""#)
                == #"{"metric":"requests","kind":"counter",\#(times),"labels":{"code":200},"value":12}"#
                + "\n"
                + #"{"metric":"latency","kind":"histogram",\#(times),"unit":"ms","labels":{},"count":3,"#
                + #""sum":20.5,"buckets":[{"le":0.5,"count":1},{"le":10,"count":0},{"le":"+Inf","count":2}]}"#
                + "\n")
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""format": "text""#, "/line: 'format: text' needs it"),
            (#""line": "x""#, "/line: is of 'format: text' only"),
            (#""format": "text", "line": "a {b""#, "a '{' begins no '{column}'"),
            (#""format": "text", "line": "a {} b""#, "a '{' begins no '{column}'"),
            (#""format": "text", "line": "a } b""#, "a '}' ends no '{column}'"),
            (#""format": "text", "line": "a\n""#, "control characters"),
            (#""format": "text", "line": "a", "columns": ["a"]"#, "/columns: is of 'format: json' only"),
            (#""format": "xml""#, "/format"), (#""timeout": "0s""#, "/timeout"), (#""keep": 0"#, "/keep"),
            (#""mode": "440""#, "/mode"), (#""mode": "0999""#, "/mode"),
            (#""rotateSize": "10B""#, "/rotateSize"),
            (#""rotateEvery": "1s""#, "/rotateEvery: must be a duration from 1m to 8784h, got '1s'"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try self.host.configure(File.self, #"{ "path": "/tmp/log", \#(config) }"#)
        } throws: {
            "\($0)".contains(why)
        }
    }

    @Test("A path is absolute")
    func path() {
        #expect(throws: TestConfigRefused.self) { try self.host.configure(File.self, #"{ "path": "log" }"#) }
    }
}
