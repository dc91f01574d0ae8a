import Foundation
import Primitives
import Telemetry
import Testing

/// A folder for one test, removed with it.
final class Folder {
    let path = NSTemporaryDirectory() + "postern-telemetry-" + UUID().uuidString
    init() throws {
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String) -> String { self.path + "/" + name }
    func read(_ name: String) -> String {
        (try? String(contentsOfFile: self.file(name), encoding: .utf8)) ?? ""
    }
}

@Suite struct AccessLogTests {
    let folder: Folder
    let telemetry = TelemetryProcess(log: Log(level: .critical))
    let worker: TelemetryWorker

    init() throws {
        self.folder = try Folder()
        self.worker = self.telemetry.makeWorker(index: 0)
    }

    func open(_ format: AccessLogFormat, _ name: String = "log") throws {
        try self.telemetry.setAccessLog(
            AccessLogSettings(format: format, destination: .file(path: self.folder.file(name))))
    }

    func dropped() -> UInt64? {
        self.telemetry.registry.read("postern_access_log_records_dropped_total")?.value
    }
    func errors() -> UInt64? { self.telemetry.registry.read("postern_access_log_write_errors_total")?.value }

    func full() -> ExchangeRecord {
        var record = ExchangeRecord()
        record.startTime = 1_767_225_599_123_456_789
        record.started = 1_000_000_000
        record.upstreamStarted = 1_002_000_000
        record.upstreamFirstByte = 1_009_000_000
        record.ended = 1_012_900_000
        record.requestBytes = 5
        record.responseBytes = 1234
        record.connectionID = 42
        record.status = 200
        record.attempts = 1
        record.protocol = .http11
        record.listener = self.telemetry.names.intern("public")
        record.route = self.telemetry.names.intern("reviews")
        record.service = self.telemetry.names.intern("reviews-v1")
        return record
    }

    func complete(_ record: ExchangeRecord, path: StaticString = "/a?b=c", agent: StaticString = "curl/8") {
        var text = ExchangeText()
        text.method = ByteView("GET")
        text.path = ByteView(path)
        text.authority = ByteView("example.com")
        text.userAgent = ByteView(agent)
        text.requestID = ByteView("id-1")
        text.forwardedFor = ByteView("10.0.0.1")
        text.details = ByteView("via_upstream")
        text.upstreamHost = ByteView("127.0.0.1:9001")
        text.downstreamRemoteAddress = ByteView("10.0.0.2:5000")
        self.worker.complete(record, text)
    }

    @Test("Text lines have Envoy's default format, with dashes for what is absent")
    func text() throws {
        try self.open(.text)
        self.complete(self.full())
        self.worker.complete(ExchangeRecord(), ExchangeText())
        self.telemetry.flush()
        #expect(
            self.folder.read("log") == """
                [2025-12-31T23:59:59.123Z] "GET /a?b=c HTTP/1.1" 200 - 5 1234 12 7 "10.0.0.1" "curl/8" \
                "id-1" "example.com" "127.0.0.1:9001"
                [1970-01-01T00:00:00.000Z] "- - -" 0 - 0 0 0 - "-" "-" "-" "-" "-"

                """)
    }

    @Test("JSON lines have the keys that Istio's users know, with null for what is absent")
    func json() throws {
        try self.open(.json)
        var record = self.full()
        record.flags = [.rateLimited, .downstreamConnectionTermination]
        self.complete(record)
        self.worker.complete(ExchangeRecord(), ExchangeText())
        self.telemetry.flush()
        #expect(
            self.folder.read("log") == """
                {"start_time":"2025-12-31T23:59:59.123Z","method":"GET","path":"/a?b=c",\
                "protocol":"HTTP/1.1","response_code":200,"grpc_status":null,"response_flags":"DC,RL",\
                "response_code_details":"via_upstream",\
                "bytes_received":5,"bytes_sent":1234,"duration":12,"upstream_service_time":7,\
                "upstream_request_attempt_count":1,"x_forwarded_for":"10.0.0.1","user_agent":"curl/8",\
                "request_id":"id-1","authority":"example.com","upstream_host":"127.0.0.1:9001",\
                "upstream_cluster":"reviews-v1","upstream_local_address":null,\
                "downstream_local_address":null,"downstream_remote_address":"10.0.0.2:5000",\
                "requested_server_name":null,"route_name":"reviews",\
                "listener_name":"public","connection_id":42}
                {"start_time":"1970-01-01T00:00:00.000Z","method":null,"path":null,"protocol":null,\
                "response_code":0,"grpc_status":null,"response_flags":"-","response_code_details":null,\
                "bytes_received":0,\
                "bytes_sent":0,"duration":0,"upstream_service_time":null,"upstream_request_attempt_count":0,\
                "x_forwarded_for":null,"user_agent":null,"request_id":null,"authority":null,\
                "upstream_host":null,\
                "upstream_cluster":null,"upstream_local_address":null,"downstream_local_address":null,\
                "downstream_remote_address":null,"requested_server_name":null,"route_name":null,\
                "listener_name":null,"connection_id":0}

                """)
    }

    @Test("What a client sends cannot begin another line", arguments: AccessLogFormat.allCases)
    func injection(_ format: AccessLogFormat) throws {
        try self.open(format)
        self.complete(self.full(), path: "/\"\r\n[2025", agent: "x\u{85}\u{2028}\\")
        self.telemetry.flush()
        let lines = self.folder.read("log").split(omittingEmptySubsequences: false) { $0.isNewline }
        #expect(lines.count == 2)
        let expected = format == .json ? #""path":"/\"\r\n[2025""# : #"GET /\"\x0d\x0a[2025 HTTP"#
        #expect(lines[0].contains(expected))
    }

    @Test("A value that was cut off ends with an ellipsis")
    func truncated() throws {
        try self.open(.text)
        let agent = [UInt8](repeating: 0x61, count: 1025)
        agent.withByteView { agent in
            var text = ExchangeText()
            text.userAgent = agent
            self.worker.complete(ExchangeRecord(), text)
        }
        self.telemetry.flush()
        #expect(self.folder.read("log").contains("\"" + String(repeating: "a", count: 1024) + "…\""))
    }

    @Test("After the file was moved away, reopening makes a new one and loses nothing")
    func reopen() throws {
        try self.open(.text)
        self.complete(self.full(), path: "/1")
        self.telemetry.flush()
        try FileManager.default.moveItem(atPath: self.folder.file("log"), toPath: self.folder.file("log.1"))
        self.complete(self.full(), path: "/2")
        self.telemetry.reopenAccessLog()
        self.telemetry.flush()
        self.complete(self.full(), path: "/3")
        self.telemetry.flush()
        #expect(self.folder.read("log.1").contains("/2"))
        #expect(self.folder.read("log").contains("/3"))
        #expect(!self.folder.read("log").contains("/2"))
    }

    @Test(
        "Changing the log writes what was recorded before to the old one; a bad path leaves the old in force")
    func change() throws {
        try self.open(.text, "old")
        self.complete(self.full(), path: "/1")
        try self.open(.json, "new")
        self.complete(self.full(), path: "/2")
        #expect(throws: OutputError.self) { try self.open(.text, "absent/log") }
        self.complete(self.full(), path: "/3")
        try self.telemetry.setAccessLog(nil)
        self.complete(self.full(), path: "/4")
        #expect(!self.worker.wantsText)
        self.telemetry.flush()
        #expect(self.folder.read("old").contains("/1") && !self.folder.read("old").contains("/2"))
        #expect(self.folder.read("new").split(separator: "\n").count == 2)
        #expect(
            self.telemetry.registry.read().first { $0.definition.name == "istio_requests_total" }?.series[0]
                .value == 4)
    }

    @Test("A device that is full costs the lines, is counted, and never the request")
    func writeErrors() throws {
        try self.telemetry.setAccessLog(
            AccessLogSettings(format: .text, destination: .file(path: "/dev/full")))
        self.complete(self.full())
        self.telemetry.flush()
        #expect(self.errors() == 1)
        #expect(self.dropped() == 0)
    }

    @Test("With a reader that does not read, records are dropped and counted; what was taken arrives later")
    func blocked() throws {
        let path = self.folder.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = Foundation.open(path, O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        defer { close(reader) }
        try self.telemetry.setAccessLog(AccessLogSettings(format: .text, destination: .file(path: path)))
        let count = 8000
        for _ in 0..<count { self.complete(self.full()) }
        let first = try #require(self.dropped())
        #expect(first > 0)
        self.telemetry.start()
        for _ in 0..<count { self.complete(self.full()) }
        let group = DispatchGroup()
        let lines = Lines()
        group.enter()
        Thread.detachNewThread {
            lines.read(reader)
            group.leave()
        }
        self.telemetry.stop()
        try self.telemetry.setAccessLog(nil)
        group.wait()
        #expect(lines.count == 2 * count - Int(self.dropped() ?? 0))
        #expect(lines.whole)
    }

    @Test("The thread writes by itself, and stopping writes what is left")
    func thread() throws {
        try self.open(.text)
        self.telemetry.start()
        for _ in 0..<100 { self.complete(self.full()) }
        let deadline = Date(timeIntervalSinceNow: 10)
        while self.folder.read("log").isEmpty, Date() < deadline { usleep(1000) }
        #expect(!self.folder.read("log").isEmpty)
        for _ in 0..<100 { self.complete(self.full()) }
        self.telemetry.stop()
        #expect(self.folder.read("log").split(separator: "\n").count == 200)
    }
}

/// Counts the lines that come out of a pipe until its writers are gone.
final class Lines: @unchecked Sendable {
    var count = 0
    var whole = true

    func read(_ descriptor: Int32) {
        var text: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = Foundation.poll(&poll, 1, -1)
            let got = Foundation.read(descriptor, &bytes, bytes.count)
            if got == 0 { break }
            if got > 0 { text += bytes[..<got] }
        }
        let lines = text.split(separator: 0x0A)
        self.count = lines.count
        self.whole = Set(lines).count == 1
    }
}
