internal import CPosternABI
internal import Glibc
public import PosternSDK
internal import Synchronization

/// An adapter that was configured, without a gateway: give it records and look at what becomes of them.
///
///     let handler = try TestHost().configure(Lines.self, #"{ "path": "/tmp/lines" }"#)
///     let report = handler.report([.logEntry(["status": .int64(200)])])
///     #expect(report.isDelivered)
///
/// ``report(_:attempt:isLast:timeLeft:)``, ``tick()`` and ``reopen()`` one at a time; all else from any
/// thread.
public final class TestHandler: @unchecked Sendable {
    // SAFETY: `table` is a copy of a plugin's table, which lives as long as the process; `config` is the
    // plugin's, given back to it in deinit; `place` outlives it. What calls need of shapes and series is
    // behind locks, and each call lends from memory of its own.
    private let place: TestPlace
    private let table: postern_adapter
    private let config: UnsafeMutableRawPointer?
    private let shapes = TestShapes()
    private let found = Mutex<[TestRecord]>([])

    /// What a scrape finds: what the handler is handed by `collect`.
    public var series: [TestRecord] {
        get { self.found.withLock { $0 } }
        set { self.found.withLock { $0 = newValue } }
    }

    init(_ plugin: UnsafePointer<postern_plugin>, _ json: String, _ host: TestHost) throws {
        let name = String(cString: plugin.pointee.name)
        guard let found = plugin.pointee.extension?(plugin, POSTERN_EXTENSION_ADAPTER) else {
            throw TestConfigRefused(problems: [ConfigProblem("", "'\(name)' has no adapter")])
        }
        let table = found.assumingMemoryBound(to: postern_adapter.self)
        var hooks = postern_adapter()
        withUnsafeMutableBytes(of: &hooks) {
            $0.copyMemory(
                from: UnsafeRawBufferPointer(start: found, count: min(table.pointee.size, $0.count)))
        }
        self.table = hooks
        let place = TestPlace(name: name, host: host)
        self.place = place
        var config: UnsafeMutableRawPointer?
        place.isConfiguring = true
        let status = lend(Array(json.utf8)) {
            hooks.config_create?(table, place.pointer, $0, &config)
        }
        place.isConfiguring = false
        guard status == 0 else {
            throw TestConfigRefused(
                problems: place.problems.isEmpty
                    ? [ConfigProblem("", "the plugin refused it without a reason")] : place.problems)
        }
        self.config = config
        place.handler = self
    }

    deinit { self.table.config_destroy?(self.config) }

    /// Gives the adapter records, as one batch.
    ///
    /// - Parameter timeLeft: How long the host still waits, as it says of the last batch.
    public func report(
        _ records: [TestRecord], attempt: Int = 0, isLast: Bool = false, timeLeft: Duration? = nil
    ) -> TestReport {
        var outcomes = [postern_outcome](repeating: 0, count: records.count)
        var answer = postern_report_answer()
        answer.size = MemoryLayout<postern_report_answer>.size
        var status = badArgument
        self.shapes.withRecords(records) { lent in
            var batch = postern_batch()
            batch.size = MemoryLayout<postern_batch>.size
            batch.records = lent
            batch.record_bytes = MemoryLayout<postern_record>.stride
            batch.count = records.count
            batch.attempt = UInt32(attempt)
            batch.flags = isLast ? POSTERN_BATCH_LAST : 0
            batch.deadline_ns = deadline(timeLeft)
            status = self.table.report?(self.config, &batch, &outcomes, &answer) ?? badArgument
        }
        return TestReport(
            problem: status == ok ? nil : answer.problem_plug.string ?? "",
            outcomes: outcomes.map { TestReport.Outcome(rawValue: $0) ?? .refused },
            retryAfter: .nanoseconds(Int64(clamping: answer.retry_after_ns)))
    }

    /// What happens at least once a second.
    public func tick() { self.table.tick?(self.config) }

    /// As after logrotate has moved files away.
    public func reopen() { self.table.reopen?(self.config) }

    /// Asks for a verdict.
    ///
    /// - Parameter timeLeft: How long the request waits.
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func check(_ record: TestRecord, timeLeft: Duration? = nil) throws -> TestVerdict {
        var request = postern_check_request()
        request.size = MemoryLayout<postern_check_request>.size
        request.deadline_ns = deadline(timeLeft)
        var out = postern_verdict()
        out.size = MemoryLayout<postern_verdict>.size
        var status = badArgument
        self.shapes.withRecords([record]) {
            request.record = $0
            status = self.table.check?(self.config, &request, &out) ?? badArgument
        }
        guard status == ok else { throw TestFailure(problem: out.problem_plug.string ?? "") }
        return TestVerdict(
            code: out.code, message: out.message_plug.string ?? "",
            validFor: .nanoseconds(Int64(clamping: out.valid_ns)), uses: Int(out.valid_uses))
    }

    /// Asks for some of an amount.
    ///
    /// - Parameter timeLeft: How long the request waits.
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func quota(
        _ record: TestRecord, amount: Int = 1, bestEffort: Bool = false, deduplicationID: UInt64 = 0,
        timeLeft: Duration? = nil
    ) throws -> QuotaGrant {
        var request = postern_quota_request()
        request.size = MemoryLayout<postern_quota_request>.size
        request.deadline_ns = deadline(timeLeft)
        request.amount = UInt64(amount)
        request.deduplication_id = deduplicationID
        request.flags = bestEffort ? POSTERN_QUOTA_BEST_EFFORT : 0
        var out = postern_quota_grant()
        out.size = MemoryLayout<postern_quota_grant>.size
        var status = badArgument
        self.shapes.withRecords([record]) {
            request.record = $0
            status = self.table.quota?(self.config, &request, &out) ?? badArgument
        }
        guard status == ok else { throw TestFailure(problem: out.problem_plug.string ?? "") }
        return QuotaGrant(
            Int(clamping: out.amount), validFor: .nanoseconds(Int64(clamping: out.valid_ns)))
    }

    /// Asks for attributes, by name.
    ///
    /// - Parameter timeLeft: How long the request waits.
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func generate(_ record: TestRecord, timeLeft: Duration? = nil) throws -> [String: TestValue] {
        let count = self.table.output_count
        var request = postern_generate_request()
        request.size = MemoryLayout<postern_generate_request>.size
        request.deadline_ns = deadline(timeLeft)
        var values = [postern_value](repeating: postern_value(), count: count)
        var status = badArgument
        var problem: String?
        self.shapes.withRecords([record]) { record in
            request.record = record
            values.withUnsafeMutableBufferPointer {
                var out = postern_generated()
                out.size = MemoryLayout<postern_generated>.size
                out.values_host = $0.baseAddress
                status = self.table.generate?(self.config, &request, &out) ?? badArgument
                problem = out.problem_plug.string
            }
        }
        guard status == ok else { throw TestFailure(problem: problem ?? "") }
        var made: [String: TestValue] = [:]
        for index in 0..<count { made[self.output(index).name.string ?? ""] = TestValue(values[index]) }
        return made
    }

    private func output(_ index: Int) -> postern_column {
        // SAFETY: the table's: outputs lie as far apart as it says.
        (UnsafeRawPointer(self.table.outputs) + index * self.table.output_bytes)
            .assumingMemoryBound(to: postern_column.self).pointee
    }

    func collect(_ each: postern_each_series, _ user: UnsafeMutableRawPointer?) {
        for record in self.series { self.shapes.withRecords([record]) { each(user, $0) } }
    }
}

/// What an adapter says of a request.
public struct TestVerdict: Sendable, Hashable {
    /// One of google.rpc.Code; 0 lets it pass.
    public let code: UInt32
    /// For the client.
    public let message: String
    /// How long it holds.
    public let validFor: Duration
    /// How often; 0: any number of times.
    public let uses: Int
}

/// An adapter failed.
public struct TestFailure: Error, Sendable, Hashable {
    /// What it said.
    public let problem: String
}

extension TestHost {
    /// Configures an adapter written with the Swift SDK; the schema is the gateway's to check.
    ///
    /// - Throws: ``TestConfigRefused`` with all that the adapter reports.
    public func configure<Handler: Adapter>(
        _ type: Handler.Type, _ json: String = "{}"
    ) throws -> TestHandler {
        guard let table = TestTables.entered({ AdapterEntry<Handler>.table($0) }) else {
            throw TestConfigRefused(problems: [ConfigProblem("", "the plugin refused this host")])
        }
        return try TestHandler(table.pointer, json, self)
    }
}

func adapterTable() -> postern_adapter_interface {
    var table = postern_adapter_interface()
    table.size = MemoryLayout<postern_adapter_interface>.size
    table.collect = { config, each, user in
        guard let each else { return }
        TestPlace.from(config)?.handler?.collect(each, user)
    }
    return table
}

/// A moment on the monotonic clock as the ABI has it; 0 for none.
private func deadline(_ timeLeft: Duration?) -> UInt64 {
    guard let timeLeft else { return 0 }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec) + UInt64(clamping: timeLeft.nanoseconds)
}
