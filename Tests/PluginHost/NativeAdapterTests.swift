internal import Adapting
internal import CPosternABI
internal import Filtering
internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import PluginHost

/// What a C adapter is given, and what the host makes of its answers.
@Suite struct NativeAdapterTests {
    private let host = FakeHost()
    private let handler: NativeAdapter

    /// - Parameter headers: As for `CompiledPlugin`.
    init() throws { self.handler = try Self.handler(self.host) }

    static func handler(_ host: FakeHost, headers: String? = nil) throws -> NativeAdapter {
        let plugin = try CompiledPlugin("PluginHost/Fixtures/c-adapter.c", headers: headers)
        let image = try PluginImage.load(plugin.file, origin: plugin.file, digest: "c-adapter")
        return try NativeAdapter(image: image, name: "test", json: Array("{}".utf8), host: host)
    }

    @Test("Its table is read: known templates, its flags, and outputs that are longer than the host knows")
    func table() {
        #expect(
            self.handler.templates.all.map(\.name) == ["logentry", "listentry", "quota", "attributes"])
        #expect(self.handler.isBlocking)
        #expect(self.handler.outputs == [RecordColumn("same", .string), RecordColumn("half", .double)])
    }

    @Test("Each record of a batch has its outcome, and a wish to be left alone comes with the problem")
    func report() throws {
        try Self.check(reportsOf: self.handler)
        #expect(self.host.counted("test", "asked_total") == [1, 1, 1])
        #expect(self.host.counted("test", "level") == [3])
        #expect(self.host.counted("test", "sizes") == [3])
    }

    static func check(reportsOf handler: NativeAdapter) throws {
        try Lent.with(["a", "again", "refuse"]) { batch, outcomes in
            #expect(handler.report(batch, outcomes) == .taken)
            #expect((0..<3).map { Int(outcomes[$0]) } == [0, POSTERN_OUTCOME_AGAIN, POSTERN_OUTCOME_REFUSED])
        }
        try Lent.with(["busy"]) { batch, outcomes in
            let answer = handler.report(batch, outcomes)
            #expect(answer == ReportAnswer(problem: "too many requests", retryAfter: 7_000_000_000))
        }
    }

    @Test("A verdict has its message, a failure its reason, and the deadline arrives")
    func check() throws {
        func verdict(_ text: String, by deadline: MonotonicTime? = nil) throws -> HandlerAnswer<CheckVerdict>
        {
            try Lent.with([text], .listentry) { batch, _ in
                self.handler.check(batch.pointee.records, by: deadline)
            }
        }
        guard case .answered(let denied) = try verdict("deny"), case .failed(let why) = try verdict("fail"),
            case .answered(let timed) = try verdict("else", by: MonotonicTime(nanoseconds: 4711)),
            case .answered(let untimed) = try verdict("else")
        else {
            Issue.record("other answers")
            return
        }
        #expect(denied == CheckVerdict(code: 7, message: "not you"))
        #expect(why == "no idea")
        #expect(timed == CheckVerdict(validNanoseconds: 4711, validUses: 1))
        #expect(untimed.validNanoseconds == 0)
    }

    @Test("A quota gets amount, best effort and deduplication")
    func quota() throws {
        for (isBestEffort, amount) in [(false, 8), (true, 4)] as [(Bool, UInt64)] {
            let demand = QuotaDemand(amount: 8, isBestEffort: isBestEffort, deduplicationID: 99)
            let answer = try Lent.with(["a"], .quota) { batch, _ in
                self.handler.quota(batch.pointee.records, demand, by: nil)
            }
            guard case .answered(let grant) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(grant == QuotaAllowance(amount: amount, validNanoseconds: 99))
        }
    }

    @Test("Attributes arrive with their types")
    func generate() throws {
        try Lent.with(["text"], .attributes) { batch, _ in
            var values = [postern_value](repeating: postern_value(), count: 2)
            #expect(self.handler.generate(batch.pointee.records, &values, by: nil) == nil)
            #expect(values[0].type == UInt32(POSTERN_VALUE_STRING) && values[0].bytes.len == 4)
            #expect(values[1].type == UInt32(POSTERN_VALUE_DOUBLE) && values[1].number == 0.5)
        }
    }
}

/// A batch of records with one text each.
enum Lent {
    static func with<Result>(
        _ texts: [String], _ template: Adapting.Template = .logentry,
        _ body: (UnsafeMutablePointer<postern_batch>, UnsafeMutablePointer<postern_outcome>) throws -> Result
    ) throws -> Result {
        let shape = RecordShape(template, name: "entry", columns: [RecordColumn("text", .string)])
        let bytes = texts.map { Array($0.utf8) }
        let flat = bytes.flatMap { $0 }
        return try flat.withUnsafeBufferPointer { flat in
            var start = 0
            let values = bytes.map { text in
                defer { start += text.count }
                var value = postern_value()
                value.type = UInt32(POSTERN_VALUE_STRING)
                value.bytes = postern_bytes(ptr: flat.baseAddress.map { $0 + start }, len: text.count)
                return value
            }
            return try values.withUnsafeBufferPointer { values in
                let records = values.indices.map { index in
                    postern_record(shape.abi, values.baseAddress.map { $0 + index }, time: 1)
                }
                return try records.withUnsafeBufferPointer { records in
                    var batch = postern_batch()
                    batch.size = MemoryLayout<postern_batch>.size
                    batch.records = records.baseAddress
                    batch.record_bytes = MemoryLayout<postern_record>.stride
                    batch.count = records.count
                    var outcomes = [postern_outcome](repeating: 0, count: records.count)
                    return try outcomes.withUnsafeMutableBufferPointer { outcomes in
                        let first = try #require(outcomes.baseAddress)
                        return try withExtendedLifetime(shape) { try body(&batch, first) }
                    }
                }
            }
        }
    }
}
