internal import Adapting
internal import Expressions
public import Filtering
internal import Primitives
public import Telemetry

/// One worker's side of the rules: makes records and counts, and asks handlers, for requests of its own. For
/// the worker's thread alone; kept across reloads.
public final class MixerWorker {
    let evaluator = Evaluator()
    let ring: ReportRing
    /// Where this worker counts, by registry: the gateway's own, and one of each handler with metrics.
    private var cells: [ObjectIdentifier: (registry: MetricRegistry, cells: MetricCells)]
    /// Where keys are put together.
    let key = ByteBuffer(capacity: 1024)
    /// Where records of checks are put together.
    let record = ByteBuffer(capacity: 4096)
    var random = RandomSource()
    var verdicts = AnswerCache<RememberedVerdict>(capacity: 4096)
    var grants = AnswerCache<KeptGrant>(capacity: 1024)
    /// Numbers of steps whose handler granted more than was wanted, but for the moment only.
    var unkept: Set<UInt64> = []
    var attributes = AnswerCache<[UInt8]>(capacity: 1024)

    /// - Parameter cells: Of the gateway's own registry.
    public init(ring: ReportRing, registry: MetricRegistry, cells: MetricCells) {
        self.ring = ring
        self.cells = [ObjectIdentifier(registry): (registry, cells)]
    }

    /// The cells in which this worker counts for `registry`.
    func cells(for registry: MetricRegistry) -> MetricCells {
        let key = ObjectIdentifier(registry)
        if let known = self.cells[key] { return known.cells }
        let made = registry.makeCells()
        self.cells[key] = (registry, made)
        return made
    }
}

extension MixerWorker {
    /// Whether a rule reports what has happened.
    fileprivate func reports(_ rule: ReportRule, _ bag: MixerBag, isEnd: Bool, now: UInt64) -> Bool {
        guard bag.isConnection ? isEnd || rule.seesEvents : !rule.isOfConnections else { return false }
        if let match = rule.match, !match.evaluate(bag, with: self.evaluator).isTrue { return false }
        if let sampling = rule.sampling { return self.takes(sampling, bag, now: now) }
        return true
    }
}

/// A verdict that is still good.
struct RememberedVerdict {
    var verdict: CheckVerdict
    /// Requests that may still use it; nil: any number.
    var uses: UInt32?
}

/// A snapshot's rules in one worker.
public final class WorkerMixer {
    public let plan: MixerPlan
    private let worker: MixerWorker
    private let counters: [MetricCounter]
    private let reports: ContiguousArray<ReportStep>

    /// A rule stands before what it reports. Unmanaged, as `plan` and `counters` keep all of them: a request
    /// that is reported counts no references.
    private enum ReportStep {
        /// `next` is the step after the rule's.
        case rule(Unmanaged<ReportRule>, next: Int)
        case entry(Unmanaged<ReportEntry>)
        case counter(Unmanaged<MetricCounter>)
    }

    public init(_ plan: MixerPlan, _ worker: MixerWorker) {
        self.plan = plan
        self.worker = worker
        var counters: [MetricCounter] = []
        var steps: ContiguousArray<ReportStep> = []
        for rule in plan.reports {
            let next = steps.count + 1 + rule.entries.count + rule.metrics.count
            steps.append(.rule(.passUnretained(rule), next: next))
            steps += rule.entries.map { .entry(.passUnretained($0)) }
            let own = rule.metrics.map { MetricCounter($0, worker.cells(for: $0.registry)) }
            steps += own.map { .counter(.passUnretained($0)) }
            counters += own
        }
        self.counters = counters
        self.reports = steps
    }

    /// A request or a connection is over, or something has happened to a connection: makes records of it and
    /// counts it.
    ///
    /// - Parameters:
    ///   - isEnd: Whether it is over; what happens before is for rules that ask for `connection.event`.
    ///   - time: In nanoseconds since 1970.
    ///   - now: The monotonic clock.
    public func report(_ bag: MixerBag, isEnd: Bool = true, time: UInt64, now: UInt64) {
        let worker = self.worker
        var index = 0
        while index < self.reports.count {
            let step = self.reports[index]
            index += 1
            switch step {
            case .rule(let rule, let next):
                let isReported = rule._withUnsafeGuaranteedRef {
                    worker.reports($0, bag, isEnd: isEnd, now: now)
                }
                if !isReported { index = next }
            case .entry(let entry):
                entry._withUnsafeGuaranteedRef { entry in
                    guard !entry.isSpan || bag.isTraced else { return }
                    worker.ring.append(entry.target, time: time) {
                        entry.fields.write(bag, worker.evaluator, to: &$0)
                    }
                }
            case .counter(let counter):
                counter._withUnsafeGuaranteedRef { $0.count(bag, worker.evaluator, key: worker.key) }
            }
        }
    }

    /// Goes on with the checks of a request.
    ///
    /// - Parameters:
    ///   - answer: What the handler said that was waited for.
    ///   - request: Whose fields rules change.
    public func proceed(
        _ position: inout CheckPosition, _ bag: MixerBag, _ request: HeaderBlock, answer: CheckAnswer? = nil,
        time: UInt64, now: UInt64
    ) -> CheckOutcome {
        var answer = answer?.answer
        let worker = self.worker
        while position.rule < self.plan.checks.count {
            let rule = self.plan.checks[position.rule]
            if !position.isMatched {
                if let match = rule.match, !match.evaluate(bag, with: worker.evaluator).isTrue {
                    position.rule += 1
                    continue
                }
                position.isMatched = true
                if rule.changesFields { position.noteChange() }
            }
            while position.step < rule.steps.count {
                let step = rule.steps[position.step]
                worker.encode(step, bag)
                let isQuota = step.instance.quota != nil
                let hash = isQuota ? worker.record.view.mixedHash : 0
                if isQuota, position.wasGranted(hash) {
                    position.step += 1
                    continue
                }
                let demand = worker.demand(of: step, bag)
                let found: StepAnswer
                if let given = answer {
                    answer = nil
                    found = worker.remember(given, step, demand, now: now)
                } else if let known = worker.remembered(step, demand, now: now) {
                    found = known
                    position.isCacheHit = position.isCacheHit ?? true
                } else if step.live.handler.isBlocking {
                    position.isCacheHit = false
                    return .waiting(
                        CheckWait(
                            step: step, record: worker.record.view.dropFirst(8).bytes, demand: demand,
                            time: time))
                } else {
                    position.isCacheHit = false
                    let given = step.ask(worker.record.view.dropFirst(8), demand, time: time)
                    found = worker.remember(given, step, demand, now: now)
                }
                if let denial = worker.judge(found, step, demand, bag, allowsOnFailure: rule.allowsOnFailure)
                {
                    return .denied(denial)
                }
                if isQuota, case .quota = found { position.noteGrant(hash) }
                position.step += 1
            }
            if rule.changesFields, !position.hasChanged {
                worker.apply(rule.requestHeaders, to: request, bag)
            }
            position.rule += 1
            position.step = 0
            position.isMatched = false
        }
        return .passed
    }

    /// Changes the response's fields as the rules that matched say.
    public func changeResponse(_ position: CheckPosition, _ bag: MixerBag, _ response: HeaderBlock) {
        for index in position.changing {
            self.worker.apply(self.plan.checks[index].responseHeaders, to: response, bag)
        }
    }
}
