internal import CPosternABI
public import PosternSDK
internal import Synchronization

/// An adapter that was configured, without a gateway: give it records and look at what becomes of them.
///
///     let handler = try TestHost().configure(Lines.self, #"{ "path": "/tmp/lines" }"#)
///     let report = handler.report([.logEntry(["status": .int64(200)])])
///     #expect(report.isDelivered)
///
/// ``report(_:attempt:isLast:)``, ``tick()`` and ``reopen()`` one at a time; all else from any thread.
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
    public func report(_ records: [TestRecord], attempt: Int = 0, isLast: Bool = false) -> TestReport {
        var outcomes = [postern_outcome](repeating: 0, count: records.count)
        var problem = postern_bytes()
        var status = badArgument
        self.shapes.withRecords(records) { lent in
            var batch = postern_batch(
                size: MemoryLayout<postern_batch>.size, records: lent, count: records.count,
                attempt: UInt32(attempt), is_last: isLast ? 1 : 0)
            status = self.table.report?(self.config, &batch, &outcomes, &problem) ?? badArgument
        }
        return TestReport(
            problem: status == ok ? nil : problem.string ?? "",
            outcomes: outcomes.map { TestReport.Outcome(rawValue: $0) ?? .refused })
    }

    /// What happens at least once a second.
    public func tick() { self.table.tick?(self.config) }

    /// As after logrotate has moved files away.
    public func reopen() { self.table.reopen?(self.config) }

    /// Asks for a verdict.
    ///
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func check(_ record: TestRecord) throws -> TestVerdict {
        var out = postern_verdict()
        out.size = MemoryLayout<postern_verdict>.size
        var problem = postern_bytes()
        var status = badArgument
        self.shapes.withRecords([record]) {
            status = self.table.check?(self.config, $0, &out, &problem) ?? badArgument
        }
        guard status == ok else { throw TestFailure(problem: problem.string ?? "") }
        return TestVerdict(
            code: out.code, message: out.message.string ?? "",
            validFor: .nanoseconds(Int64(clamping: out.valid_ns)), uses: Int(out.valid_uses))
    }

    /// Asks for some of an amount.
    ///
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func quota(
        _ record: TestRecord, amount: Int = 1, bestEffort: Bool = false, deduplicationID: UInt64 = 0
    ) throws -> QuotaGrant {
        var request = postern_quota_request(
            size: MemoryLayout<postern_quota_request>.size, amount: UInt64(amount),
            deduplication_id: deduplicationID, best_effort: bestEffort ? 1 : 0, reserved: 0)
        var out = postern_quota_grant()
        out.size = MemoryLayout<postern_quota_grant>.size
        var problem = postern_bytes()
        var status = badArgument
        self.shapes.withRecords([record]) {
            status = self.table.quota?(self.config, $0, &request, &out, &problem) ?? badArgument
        }
        guard status == ok else { throw TestFailure(problem: problem.string ?? "") }
        return QuotaGrant(
            Int(clamping: out.amount), validFor: .nanoseconds(Int64(clamping: out.valid_ns)))
    }

    /// Asks for attributes, by name.
    ///
    /// - Throws: ``TestFailure`` when the adapter fails.
    public func generate(_ record: TestRecord) throws -> [String: TestValue] {
        let count = self.table.output_count
        var values = [postern_value](repeating: postern_value(), count: count)
        var problem = postern_bytes()
        var status = badArgument
        self.shapes.withRecords([record]) {
            status = self.table.generate?(self.config, $0, &values, &problem) ?? badArgument
        }
        guard status == ok else { throw TestFailure(problem: problem.string ?? "") }
        var made: [String: TestValue] = [:]
        for index in 0..<count {
            made[self.table.outputs[index].name.string ?? ""] = TestValue(values[index])
        }
        return made
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
    table.count = { config, counter, value in
        guard let place = TestPlace.from(config) else { return }
        place.host.counting.withLock { _ in place.host.change(counter) { $0.value += value } }
    }
    return table
}
