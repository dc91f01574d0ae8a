internal import PosternSDK
internal import Synchronization

// What an adapter answers.

extension SuiteRun {
    /// What went wrong with one question; nil when nothing did.
    private func ask(_ handler: TestHandler, _ record: TestRecord, amount: Int = 1, bestEffort: Bool = false)
        -> String?
    {
        do {
            switch record.shape.template {
            case .quota:
                // A number of its own: each is another request.
                let id = UInt64.random(in: 1...UInt64.max)
                let grant = try handler.quota(
                    record, amount: amount, bestEffort: bestEffort, deduplicationID: id)
                if !(0...amount).contains(grant.amount) { return "it grants \(grant.amount) of \(amount)" }
                if !bestEffort, grant.amount > 0, grant.amount < amount {
                    return "it grants \(grant.amount) of \(amount) without bestEffort"
                }
            case .attributes: _ = try handler.generate(record)
            default:
                let verdict = try handler.check(record)
                if verdict.code > 16 { return "code \(verdict.code) is none of google.rpc.Code" }
                if verdict.validFor < .zero || verdict.uses < 0 {
                    return "a verdict is valid for less than nothing"
                }
            }
            return nil
        } catch let failure as TestFailure {
            return self.suite.mayRefuse(record) ? nil : "it fails: \(failure.problem)"
        } catch { return "\(error)" }
    }

    private static let asked: [Template] = checked + [.quota, .attributes]

    func askWithEveryRecord(_ handler: TestHandler) {
        for template in self.declared(Self.asked) {
            for record in SuiteRecords(template: template).odd({ "mark" }) {
                for amount in template == .quota ? [0, 1, .max] : [1] {
                    for bestEffort in template == .quota ? [false, true] : [false] {
                        if let problem = self.ask(handler, record, amount: amount, bestEffort: bestEffort) {
                            self.say(problem)
                            self.find("\(problem), asked with \(record.short)")
                        }
                    }
                }
            }
        }
    }

    func answersManyThreads() throws {
        let templates = self.declared(Self.asked)
        guard !templates.isEmpty else { return }
        let handler = try self.handler()
        let records = templates.map { SuiteRecords(template: $0).record("mark") }
        let reports = (0..<20).map { _ in self.plain() }
        let problems = Mutex<[String]>([])
        let last = 8
        SuiteThreads.run(last + 1) { number in
            if number == last {
                for batch in reports where !batch.isEmpty { self.deliver(batch, to: handler) }
                return
            }
            for round in 0..<200 {
                let record = records[(number + round) % records.count]
                guard
                    let problem = self.ask(handler, record, amount: 1 + round % 5, bestEffort: round % 2 == 0)
                else { continue }
                problems.withLock { $0.append(problem) }
            }
        }
        for problem in problems.withLock({ Set($0) }).sorted() {
            self.say(problem)
            self.find(problem)
        }
        if !reports.allSatisfy(\.isEmpty) { self.deliver([], to: handler, isLast: true) }
        try self.expectArrived()
    }

    /// What one handler was asked changes nothing in another, when nothing stands behind both.
    func compareAnswers(_ first: TestHandler, _ second: TestHandler) {
        guard self.suite.backend == nil else { return }
        if self.suite.facts.templates.contains(.quota) {
            let record = SuiteRecords(template: .quota).record("mark")
            let grants = (0..<20).map { _ in try? first.quota(record, amount: 1) }
            if let grant = grants[0], (try? second.quota(record, amount: 1))?.amount != grant.amount {
                self.find("what one handler has granted is missing in another")
            }
        }
        for template in self.declared(Self.checked) {
            let record = SuiteRecords(template: template).record("mark")
            if (try? first.check(record)) != (try? second.check(record)) {
                self.find("two handlers with the same configuration judge \(template) differently")
            }
        }
    }
}
