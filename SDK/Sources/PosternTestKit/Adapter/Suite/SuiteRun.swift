internal import PosternSDK

/// One behaviour, tried on a host of its own.
final class SuiteRun {
    let suite: AdapterSuite
    let host = TestHost()
    private let behaviour: AdapterBehaviour
    private var marks = SuiteMarks()
    private(set) var findings: [AdapterFinding] = []
    /// What the adapter has said for people.
    private var said: [String] = []
    /// Marks of records that it has taken.
    private var taken: [String] = []

    init(_ suite: AdapterSuite, _ behaviour: AdapterBehaviour) {
        self.suite = suite
        self.behaviour = behaviour
    }

    func find(_ text: String) {
        let finding = AdapterFinding(behaviour: self.behaviour, text: text)
        if !self.findings.contains(finding) { self.findings.append(finding) }
    }

    /// What a template's records are sent as.
    static let reported: [Template] = [.metric, .logEntry, .traceSpan, .edge, .reportNothing]
    static let checked: [Template] = [.checkNothing, .listEntry, .authorization, .apiKey]

    func declared(_ templates: [Template]) -> [Template] {
        templates.filter(self.suite.facts.templates.contains)
    }

    func handler() throws -> TestHandler { try self.suite.configure(self.host, self.suite.config) }

    func mark() -> String { self.marks.next() }

    /// So many plain records of each declared template.
    func plain(_ count: Int = 1, instance: String = "suite") -> [TestRecord] {
        self.declared(Self.reported).flatMap { template in
            (0..<count).map { _ in
                SuiteRecords(template: template).record(self.mark(), instance: instance)
            }
        }
    }

    // MARK: Reports

    /// Gives records as the gateway does: what was not taken comes again, until patience is over.
    func deliver(_ records: [TestRecord], to handler: TestHandler, isLast: Bool = false) {
        let end = ContinuousClock.now + self.suite.patience
        var (left, attempt, problem) = (records, 0, "")
        repeat {
            if attempt > 0 { SuiteThreads.pause() }
            let report = self.report(left, to: handler, attempt: attempt, isLast: isLast)
            left = self.undelivered(report, left)
            if report.problem == nil, left.isEmpty { return }
            problem = report.problem ?? "it wants them again"
            attempt += 1
        } while ContinuousClock.now < end
        self.find("\(left.count) of \(records.count) records were not taken: \(problem)")
    }

    /// One report; its problem is noted.
    @discardableResult
    func report(_ records: [TestRecord], to handler: TestHandler, attempt: Int = 0, isLast: Bool = false)
        -> TestReport
    {
        if records.contains(where: { $0.series != nil }) { handler.series = records }
        let report = handler.report(records, attempt: attempt, isLast: isLast)
        if let problem = report.problem {
            self.said.append(problem)
            if problem.isEmpty { self.find("a report fails without a reason") }
        }
        return report
    }

    /// What a host would keep; what was taken is remembered.
    func undelivered(_ report: TestReport, _ records: [TestRecord]) -> [TestRecord] {
        if report.problem != nil { return records }
        var left: [TestRecord] = []
        for (record, outcome) in zip(records, report.outcomes) {
            switch outcome {
            case .delivered: if let mark = record.mark { self.taken.append(mark) }
            case .again: left.append(record)
            case .refused:
                if !self.suite.mayRefuse(record) { self.find("it refuses \(record.short)") }
            }
        }
        return left
    }

    /// Waits until all that was taken has arrived, and looks for what came twice.
    func expectArrived() throws {
        guard let backend = self.suite.backend, backend.promise.isNoticed else { return }
        let end = ContinuousClock.now + self.suite.patience
        var (missing, found) = (self.taken, [String: Int]())
        repeat {
            found = self.marks.found(in: try backend.arrived())
            missing = missing.filter { found[$0] == nil }
            if missing.isEmpty { break }
            SuiteThreads.pause()
        } while ContinuousClock.now < end
        if !missing.isEmpty {
            self.find(
                "\(missing.count) of \(self.taken.count) records that it took are not there: \(missing[0])"
            )
        }
        if backend.promise.isOnce, let twice = self.taken.first(where: { found[$0, default: 0] > 1 }) {
            self.find("a record is there \(found[twice, default: 0]) times: \(twice)")
        }
    }

    // MARK: Texts

    func say(_ text: String) { self.said.append(text) }

    func lookForSecrets() {
        let texts = self.said + self.host.log.map(\.message)
        for secret in self.suite.secrets where texts.contains(where: { $0.contains(secret) }) {
            self.find("a secret of the configuration stands in a problem or a line of the log")
        }
    }
}

extension TestRecord {
    /// Its mark; nil for records that have none.
    var mark: String? {
        let name = self.shape.template == .edge ? "sourceUid" : "id"
        guard let index = self.shape.columns.firstIndex(of: name), case .string(let mark) = self.values[index]
        else { return nil }
        return mark
    }

    /// For a finding; long texts are cut.
    var short: String {
        let values = zip(self.shape.columns, self.values).map { "\($0): \("\($1)".prefix(60))" }
        return "\(self.shape.template) [\(values.joined(separator: ", ").prefix(400))]"
    }
}
