internal import CPosternABI
public import PosternSDK
internal import Synchronization

/// An adapter that was configured, without a gateway: give it records and look at what becomes of them.
///
///     let handler = try TestHost().configure(Lines.self, #"{ "path": "/tmp/lines" }"#)
///     let report = handler.report([.logEntry(["status": .int64(200)])])
///     #expect(report.isDelivered)
public final class TestHandler {
    // SAFETY: `table` is a copy of a plugin's table, which lives as long as the process; `config` is the
    // plugin's, given back to it in deinit; `place` and `memory` outlive it.
    private let place: TestPlace
    private let table: postern_adapter
    private let config: UnsafeMutableRawPointer?
    private var shapes: [TestShape: UnsafePointer<postern_shape>] = [:]
    private let memory = StreamMemory(bytes: 16)
    /// What a scrape finds, see ``HandlerHost/collect(_:)``.
    public var series: [TestRecord] = []

    init(_ plugin: UnsafePointer<postern_plugin>, _ json: String, _ host: TestHost) throws {
        let name = String(cString: plugin.pointee.name)
        guard let found = plugin.pointee.extension?(plugin, POSTERN_EXTENSION_ADAPTER) else {
            throw TestConfigRefused(problems: [ConfigProblem("", "'\(name)' has no adapter")])
        }
        let table = found.assumingMemoryBound(to: postern_adapter.self)
        self.table = table.pointee
        let place = TestPlace(name: name, host: host)
        self.place = place
        var config: UnsafeMutableRawPointer?
        place.isConfiguring = true
        let status = lend(Array(json.utf8)) {
            table.pointee.config_create?(table, place.pointer, $0, &config)
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
        defer { self.memory.forgetLent() }
        var outcomes = [postern_outcome](repeating: 0, count: records.count)
        var problem = postern_bytes()
        var status = badArgument
        self.withRecords(records) { lent in
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
        defer { self.memory.forgetLent() }
        var out = postern_verdict()
        out.size = MemoryLayout<postern_verdict>.size
        var problem = postern_bytes()
        var status = badArgument
        self.withRecords([record]) {
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
        defer { self.memory.forgetLent() }
        var request = postern_quota_request(
            size: MemoryLayout<postern_quota_request>.size, amount: UInt64(amount),
            deduplication_id: deduplicationID, best_effort: bestEffort ? 1 : 0, reserved: 0)
        var out = postern_quota_grant()
        out.size = MemoryLayout<postern_quota_grant>.size
        var problem = postern_bytes()
        var status = badArgument
        self.withRecords([record]) {
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
        defer { self.memory.forgetLent() }
        let count = self.table.output_count
        var values = [postern_value](repeating: postern_value(), count: count)
        var problem = postern_bytes()
        var status = badArgument
        self.withRecords([record]) {
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
        for record in self.series { self.withRecords([record]) { each(user, $0) } }
    }

    private func withRecords(_ records: [TestRecord], _ body: (UnsafePointer<postern_record>?) -> Void) {
        var buckets: [[UInt64]] = []
        var series: [postern_series_value] = []
        for record in records {
            precondition(
                record.values.count == record.shape.columns.count, "a record has a value for each column")
            buckets.append(record.series?.buckets ?? [])
            series.append(
                postern_series_value(
                    size: MemoryLayout<postern_series_value>.size,
                    start_ns: UInt64(bitPattern: record.series?.start.nanoseconds ?? 0),
                    value: record.series?.value ?? 0, count: record.series?.count ?? 0, buckets: nil))
        }
        let values = records.map { record in
            self.memory.keep(record.values.map { $0.lent(self.memory) })
        }
        for (index, counts) in buckets.enumerated() where !counts.isEmpty {
            series[index].buckets = UnsafePointer(self.memory.keep(counts))
        }
        let kept = self.memory.keep(series)
        let lent = records.indices.map { index in
            postern_record(
                shape: self.shape(records[index].shape), values: values[index],
                time_ns: UInt64(bitPattern: records[index].time),
                series: records[index].series == nil ? nil : UnsafePointer(kept + index))
        }
        body(self.memory.keep(lent))
    }

    /// Made once for each shape, and kept.
    private func shape(_ shape: TestShape) -> UnsafePointer<postern_shape> {
        if let known = self.shapes[shape] { return known }
        let columns = shape.columns.map {
            postern_column(name: forEver(Array($0.utf8)), type: 0, reserved: 0)
        }
        let made = UnsafeMutablePointer<postern_shape>.allocate(capacity: 1)
        var value = postern_shape()
        value.size = MemoryLayout<postern_shape>.size
        value.number = UInt32(self.shapes.count)
        value.form = shape.template.number
        value.name = forEver(Array(shape.name.utf8))
        value.columns = UnsafePointer(copy(columns))
        value.column_count = columns.count
        value.series_kind =
            shape.series == .gauge ? 0 : shape.series == .counter ? 1 : UInt32(POSTERN_SERIES_HISTOGRAM)
        value.help = forEver(Array(shape.help.utf8))
        value.unit = forEver(Array(shape.unit.utf8))
        value.bounds = UnsafePointer(copy(shape.bounds))
        value.bound_count = shape.bounds.count
        made.initialize(to: value)
        self.shapes[shape] = UnsafePointer(made)
        return UnsafePointer(made)
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

extension TestValue {
    init(_ value: postern_value) {
        switch Int(value.type) {
        case POSTERN_STRING: self = .string(value.bytes.string ?? "")
        case POSTERN_INT64: self = .int64(value.integer)
        case POSTERN_DOUBLE: self = .double(value.number)
        case POSTERN_BOOL: self = .bool(value.integer != 0)
        case POSTERN_TIMESTAMP: self = .timestamp(value.integer)
        case POSTERN_DURATION: self = .duration(value.integer)
        case POSTERN_IP_ADDRESS: self = .ipAddress(value.bytes.copy ?? [])
        default: self = .absent
        }
    }

    func lent(_ memory: StreamMemory) -> postern_value {
        var value = postern_value()
        switch self {
        case .absent: break
        case .string(let text):
            value.type = UInt32(POSTERN_STRING)
            value.bytes = memory.lend(text.utf8)
        case .bytes(let bytes):
            value.type = UInt32(POSTERN_STRING)
            value.bytes = memory.lend(bytes)
        case .int64(let number):
            value.type = UInt32(POSTERN_INT64)
            value.integer = number
        case .double(let number):
            value.type = UInt32(POSTERN_DOUBLE)
            value.number = number
        case .bool(let flag):
            value.type = UInt32(POSTERN_BOOL)
            value.integer = flag ? 1 : 0
        case .timestamp(let nanoseconds):
            value.type = UInt32(POSTERN_TIMESTAMP)
            value.integer = nanoseconds
        case .duration(let nanoseconds):
            value.type = UInt32(POSTERN_DURATION)
            value.integer = nanoseconds
        case .ipAddress(let bytes):
            value.type = UInt32(POSTERN_IP_ADDRESS)
            value.bytes = memory.lend(bytes)
        }
        return value
    }
}

extension StreamMemory {
    /// A copy of trivial values that lives until the present call returns.
    func keep<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
        let bytes = values.withUnsafeBytes { Array($0) }
        let copy = self.lend(bytes, alignment: 16)
        return copy.bindMemory(to: Element.self, capacity: max(values.count, 1))
    }
}

/// A copy that is never freed: a test's shapes are few.
private func copy<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
    memory.initialize(from: values, count: values.count)
    return memory
}

private func forEver(_ bytes: [UInt8]) -> postern_bytes {
    postern_bytes(ptr: UnsafePointer(copy(bytes)), len: bytes.count)
}
