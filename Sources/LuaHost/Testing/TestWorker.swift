internal import Filtering
internal import GatewayConfig
internal import Primitives

/// A worker whose clocks move only when told to, and whose services answer what a test says.
final class TestWorker: FilterWorker {
    /// A request to a service, and what came of it.
    struct Sent {
        let callout: Callout
        let done: (CalloutResult) -> Void
        let id: PendingID
    }

    private var elapsed: UInt64 = 0
    /// By service: what it answers, one after the other; the last answer stays.
    var answers: [String: [ConfigNode]] = [:]
    private var waiting: [Sent] = []
    private var made: UInt64 = 0
    /// Every request to a service since the last exchange began.
    var sent: [Callout] = []

    /// 2025-01-01T00:00:00Z.
    static let start: UInt64 = 1_735_689_600_000_000_000

    init() { super.init(index: 0) }

    override var now: MonotonicTime { MonotonicTime(nanoseconds: 1_000_000_000 + self.elapsed) }
    override var wallTime: WallTime { WallTime(nanosecondsSinceEpoch: Self.start + self.elapsed) }

    func advance(byNanoseconds nanoseconds: UInt64) { self.elapsed += nanoseconds }

    override func call(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? {
        guard self.answers[callout.service] != nil else { return nil }
        self.made += 1
        let id = PendingID(rawValue: self.made)
        self.sent.append(callout)
        if stream != nil { self.waiting.append(Sent(callout: callout, done: done, id: id)) }
        return id
    }

    override func cancel(_ id: PendingID) { self.waiting.removeAll { $0.id == id } }

    /// Forgets what an exchange that is over waits for.
    func forget() { self.waiting = [] }

    /// Answers what has waited longest.
    ///
    /// - Returns: false when nothing waits.
    func answerNext() -> Bool {
        guard !self.waiting.isEmpty else { return false }
        let next = self.waiting.removeFirst()
        let answer = self.takeAnswer(next.callout.service)
        let delay = UInt64(max(answer.integer("delay_ms") ?? 0, 0)) * 1_000_000
        if delay >= next.callout.timeout {
            self.advance(byNanoseconds: next.callout.timeout)
            next.done(.failed(.timedOut))
            return true
        }
        self.advance(byNanoseconds: delay)
        if let failure = answer.text("failure") {
            let failures = CalloutFailure.allCases
            next.done(.failed(failures.first { "\($0.name)" == failure } ?? .unreachable))
            return true
        }
        let head = HeaderBlock(capacity: 256)
        head.status = answer.integer("status") ?? 200
        head.add(answer.fields("headers"))
        let body = answer.pieces.joined()
        body.withByteView { next.done(.answer(head: head, body: $0, trailers: HeaderBlock(capacity: 16))) }
        return true
    }

    private func takeAnswer(_ service: String) -> ConfigNode {
        guard let answers = self.answers[service], let first = answers.first else { return .object([:]) }
        if answers.count > 1 { self.answers[service] = Array(answers.dropFirst()) }
        return first
    }
}
