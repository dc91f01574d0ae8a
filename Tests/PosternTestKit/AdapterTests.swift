import PosternSDK
import PosternTestKit
import Testing

@Suite struct AdapterTests {
    let host = TestHost()
    let entry = TestRecord.logEntry([
        "status": .int64(200), "path": .string("/a\"b"), "gone": .absent, "took": .duration(1_500_000_000),
        "ip": .ipAddress([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ])

    func handler() throws -> TestHandler { try self.host.configure(LinesAdapter.self, #"{"limit": 9}"#) }

    @Test("Records reach an adapter with all their values, and each has an outcome of its own")
    func reports() throws {
        let long = TestRecord.logEntry([
            "a": .absent, "b": .absent, "c": .absent, "d": .absent, "e": .absent, "f": .absent, "g": .absent,
            "h": .absent,
        ])
        let report = try self.handler().report([self.entry, long])
        #expect(report.outcomes == [.delivered, .refused])
        #expect(self.host.metric("lines_lost_total") == 1)
        #expect(
            self.host.log.first?.message
                == #"{"severity":"info","timestamp":"2023-11-14T22:13:20.123Z","status":200,"path":"/a\"b","#
                + #""took":"1.5s","ip":"2001:db8::1"}"#)
    }

    @Test("State is kept from report to tick, and a scrape finds every series")
    func state() throws {
        let handler = try self.handler()
        _ = handler.report([self.entry])
        let value = SeriesValue(start: Timestamp(nanoseconds: 0), value: 2)
        handler.series = [TestRecord(TestShape(.metric), [], series: value)]
        handler.tick()
        #expect(self.host.log.last?.message == "1 lines, 1 series")
    }

    @Test("What an adapter throws is the report's problem")
    func problem() throws {
        #expect(try self.handler().report([], isLast: true).problem == "the disk is full")
    }

    @Test("An adapter sees how long it is waited for, and says how long it wants to be left alone")
    func time() throws {
        let handler = try self.host.configure(PatientAdapter.self)
        let nothing = TestRecord(TestShape(.checkNothing), [])
        #expect(try handler.check(nothing).message == "nobody gives up")
        #expect(try handler.check(nothing, timeLeft: .seconds(60)).message == "59...60 s")
        #expect(try handler.check(nothing, timeLeft: .zero).message == "over")
        let busy = handler.report([self.entry, self.entry])
        #expect(busy.problem == "busy" && busy.retryAfter == .seconds(7))
        let again = handler.report(
            [self.entry, self.entry, self.entry], isLast: true, timeLeft: .seconds(60))
        #expect(again.problem == nil && again.outcomes == [.again, .again, .delivered])
        #expect(again.retryAfter == .seconds(3))
    }

    @Test("Verdicts, grants and attributes come back as the adapter made them")
    func decisions() throws {
        let handler = try self.handler()
        let list = TestShape(.listEntry, columns: ["value"])
        let good = TestRecord(list, [.string("good")])
        #expect(try handler.check(good).validFor == .seconds(5))
        #expect(try handler.check(TestRecord(list, [.string("bad")])).message == "not in the list")
        #expect(try handler.quota(TestRecord(TestShape(.quota), []), amount: 20).amount == 9)
        #expect(try handler.generate(good) == ["upper": .string("GOOD"), "length": .int64(4)])
    }

    @Test("A configuration that the adapter refuses is a problem with a pointer")
    func refuses() {
        #expect(throws: TestConfigRefused.self) {
            try self.host.configure(LinesAdapter.self, #"{"limit": 0}"#)
        }
    }
}

/// Says what it is told about time.
private struct PatientAdapter: Adapter {
    struct Config: Decodable, Sendable {}
    static let name = "patient"
    static let version = "1.0.0"
    static let schema = "{}"
    static let templates: Templates = [.logEntry, .checkNothing]
    static let isBlocking = true

    init(config: Config, host: borrowing AdapterHost) {}

    func report(_ batch: borrowing Batch, _ state: inout Void) throws {
        guard batch.timeLeft != nil else { throw ReportFailure("busy", retryAfter: .seconds(7)) }
        batch.giveAgain(0, after: .seconds(3))
        batch.giveAgain(1, after: .seconds(1))
    }

    func check(_ record: Record) throws -> Verdict {
        guard let left = record.timeLeft else { return Verdict(.unavailable, "nobody gives up") }
        if left == .zero { return Verdict(.unavailable, "over") }
        return Verdict(.unavailable, left > .seconds(59) && left <= .seconds(60) ? "59...60 s" : "\(left)")
    }
}
