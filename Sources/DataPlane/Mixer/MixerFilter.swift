internal import Filtering
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry

/// Asks the handlers whether a request may go to its service, between the listener's filters and the route's.
///
/// A filter of the route that has the route looked up again has the head come by here a second time, behind
/// all filters (``FilterPass``).
///
/// What blocks is asked on threads of its handler, while the request waits; the answer comes back by the
/// worker's mailbox.
final class MixerFilter: Filter {
    private let mixer: WorkerMixer
    private let bag: ExchangeBag

    /// What its cost is counted under.
    static let phaseNames = FilterPhase.allCases.map { phase -> String? in "\(phase.name)" }

    init(_ mixer: WorkerMixer, _ bag: ExchangeBag) {
        self.mixer = mixer
        self.bag = bag
        super.init(
            phases: mixer.plan.changesResponses
                ? FilterPhases(.requestHead).union(FilterPhases(.responseHead)) : FilterPhases(.requestHead),
            stateSize: 0)
    }

    override func requestHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        guard let exchange = stream as? Exchange, exchange.rule != nil else { return .continue }
        exchange.beginChecks()
        return self.proceed(exchange, slot, answer: nil) ? .continue : .pause
    }

    override func responseHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction
    {
        guard let exchange = stream as? Exchange else { return .continue }
        self.bag.with(exchange) {
            self.mixer.changeResponse(exchange.checkPosition, self.bag, exchange.response)
        }
        return .continue
    }

    /// - Returns: Whether the request need not wait.
    private func proceed(_ exchange: Exchange, _ slot: FilterSlot, answer: CheckAnswer?) -> Bool {
        let outcome = self.bag.with(exchange) {
            self.mixer.proceed(
                &exchange.checkPosition, self.bag, exchange.request, answer: answer,
                time: exchange.loop.wallTime.nanosecondsSinceEpoch, now: exchange.loop.now.nanoseconds)
        }
        switch outcome {
        case .passed: return true
        case .denied(let denial):
            exchange.checkCode = denial.code
            exchange.checkMessage = denial.message
            exchange.record.flags.insert(denial.code == 8 ? .rateLimited : .unauthorized)
            _ = exchange.respond(LocalResponse(denial))
            return true
        case .waiting(let wait):
            self.wait(for: wait, exchange, slot)
            return false
        }
    }

    private func wait(for wait: CheckWait, _ exchange: Exchange, _ slot: FilterSlot) {
        let question = Question(self, slot)
        let (id, worker) = (exchange.id, exchange.home)
        question.timer = worker.setTimer(wait.timeout, for: exchange) {
            question.answered(.failed("no answer within the handler's `timeout`"), worker.stream(id))
        }
        let isAsked = wait.ask { answer in worker.post(id) { question.answered(answer, $0) } }
        if !isAsked { worker.post(id) { question.answered(.failed("too many requests wait"), $0) } }
    }

    /// What one request waits for; of the timer and the handler, the first to speak is heard.
    private final class Question: @unchecked Sendable {
        // SAFETY: used on the exchange's worker alone; the handler's thread just carries the reference.
        private var filter: MixerFilter?
        private let slot: FilterSlot
        var timer: PendingID?

        init(_ filter: MixerFilter, _ slot: FilterSlot) {
            self.filter = filter
            self.slot = slot
        }

        func answered(_ answer: CheckAnswer, _ stream: FilterStream?) {
            guard let filter = self.filter, let exchange = stream as? Exchange else { return }
            self.filter = nil
            if let timer = self.timer { exchange.worker.cancel(timer) }
            if filter.proceed(exchange, self.slot, answer: answer) {
                exchange.resume(.request, by: self.slot.index)
            }
        }
    }
}

extension LocalResponse {
    init(_ denial: CheckDenial) {
        let text = denial.message.isEmpty ? "the request was denied by policy" : denial.message
        self.init(status: denial.status, body: Array(text.utf8), details: "mixer_check_denied")
        self.grpcStatus = UInt8(truncatingIfNeeded: min(denial.code, 16))
    }
}
