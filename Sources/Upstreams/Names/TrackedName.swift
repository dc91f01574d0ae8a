internal import GatewayConfig
internal import Primitives
internal import Reactor

/// A name that is looked up again and again, for every service that has it.
final class TrackedName: EventHandler {
    /// Services that resolve a name in the same way share it.
    struct Key: Hashable {
        let host: String
        let dns: DNSConfiguration
    }

    /// How long the second family may take once the first has come, in nanoseconds (RFC 8305, 3).
    private static let grace: UInt64 = 50_000_000

    let key: Key
    private(set) var state: NameState
    private let loop: EventLoop
    private unowned let directory: NameDirectory
    private var questions: NameQuestions?
    /// Counts look-ups: an answer to an earlier one is stale.
    private var round = 0
    private lazy var refreshTimer = DeadlineTimer(owner: self)
    private lazy var graceTimer = DeadlineTimer(owner: self)
    /// When it is looked up again; nil while it is being looked up.
    private(set) var nextLookUp: MonotonicTime?

    init(_ key: Key, _ directory: NameDirectory, loop: EventLoop) {
        self.key = key
        self.directory = directory
        self.loop = loop
        self.state = NameState(key.dns)
    }

    /// No further look-up; the name is not used any more.
    func stop() {
        self.round += 1
        self.questions = nil
        self.loop.timers.remove(self.refreshTimer)
        self.loop.timers.remove(self.graceTimer)
    }

    private var families: [AddressFamily] {
        switch self.key.dns.family {
        case .ipv4: [.ipv4]
        case .ipv6: [.ipv6]
        case .auto, .all: [.ipv6, .ipv4]
        }
    }

    /// Begins a look-up, and forgets one that has not ended.
    func lookUp() {
        self.stop()
        self.nextLookUp = nil
        if let known = HostsFile.read(self.key.dns.hostsPath)[self.key.host] ?? Self.loopback(self.key.host) {
            return self.finish(self.answers(known))
        }
        do {
            let client = try self.directory.client(self.key.dns.resolvers)
            var questions = NameQuestions(
                self.key.host, families: self.families, searchDomains: client.searchDomains,
                dots: client.dots)
            let action = questions.begin()
            self.questions = questions
            self.perform(action, client)
        } catch {
            self.finish(FamilyAnswers(ipv4: .failed("\(error)")))
        }
    }

    /// A server must never be asked for these (RFC 6761, 6.3).
    private static func loopback(_ host: String) -> [HostAddress]? {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return [.ipv4(0x7F00_0001), .ipv6(high: 0, low: 1)]
    }

    /// What a file says, as an answer.
    private func answers(_ known: [HostAddress]) -> FamilyAnswers {
        var answers = FamilyAnswers()
        for family in self.families {
            let some = known.filter { $0.isIPv4 == (family == .ipv4) && $0.isConnectable }
            answers[family] =
                some.isEmpty ? FamilyAnswers.Answer.none : .found(some, ttl: NameState.secondsOfFile)
        }
        return answers
    }

    private func perform(_ action: NameQuestions.Action, _ client: DNSClient) {
        switch action {
        case .wait:
            guard self.questions?.answers.hasAddresses == true, !self.graceTimer.isSet else { return }
            self.loop.timers.set(self.graceTimer, at: self.loop.now.advanced(byNanoseconds: Self.grace))
        case .ask(let name):
            let round = self.round
            for family in self.families {
                self.directory.metrics.asked()
                client.ask(name, family) { [weak self, unowned client] answer in
                    guard let self, self.round == round,
                        let action = self.questions?.answered(family, answer)
                    else { return }
                    self.perform(action, client)
                }
            }
        case .done(let answers): self.finish(answers)
        }
    }

    private func finish(_ answers: FamilyAnswers) {
        self.stop()
        let hasChanged = self.state.take(answers, isEnd: true, at: self.loop.now)
        let next = self.loop.now.advanced(byNanoseconds: self.wait(answers))
        self.nextLookUp = next
        self.loop.timers.set(self.refreshTimer, at: next)
        self.directory.lookedUp(self, answers, hasChanged: hasChanged)
    }

    private func wait(_ answers: FamilyAnswers) -> UInt64 {
        self.state.wait(after: answers, &self.directory.random)
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if timer === self.refreshTimer { return self.lookUp() }
        // The other family takes its time: what is there is used.
        guard let answers = self.questions?.answers else { return }
        if self.state.take(answers, isEnd: false, at: self.loop.now) { self.directory.cameEarly(self) }
        // Its silence must not keep what has come beyond its time.
        self.loop.timers.set(self.refreshTimer, at: self.loop.now.advanced(byNanoseconds: self.wait(answers)))
    }
}
