internal import Adapting
internal import Primitives

/// What is to be done with a request.
public enum CheckOutcome {
    case passed
    case denied(CheckDenial)
    /// A handler must be asked that blocks.
    case waiting(CheckWait)
}

/// Why a request may not pass.
public struct CheckDenial: Sendable, Hashable {
    /// One of google.rpc.Code.
    public var code: UInt32
    public var message: String
    /// The handler whose decision it is.
    public var handler: String

    /// The status that a client is told (google.rpc.Code's mapping).
    public var status: Int {
        switch self.code {
        case 3, 9, 11: 400
        case 16: 401
        case 7: 403
        case 5: 404
        case 6, 10: 409
        case 8: 429
        case 1: 499
        case 12: 501
        case 14: 503
        case 4: 504
        default: 500
        }
    }
}

/// What a handler answered.
enum StepAnswer: Sendable {
    case check(CheckVerdict)
    case quota(QuotaAllowance)
    /// Values as records have them, one an output.
    case attributes([UInt8])
    case failed(String)
}

/// A question to a handler that blocks.
public struct CheckWait: Sendable {
    let step: CheckStep
    let record: [UInt8]
    let demand: StepDemand
    let time: UInt64

    /// The longest wait, in nanoseconds.
    public var timeout: UInt64 { self.step.live.timeout }

    /// Asks on a thread of the handler's own; `done` is called there. A question that no thread came to in
    /// time is not asked any more.
    ///
    /// - Returns: false when too much waits already; `done` is not called then.
    public func ask(_ done: @escaping @Sendable (CheckAnswer) -> Void) -> Bool {
        guard let threads = self.step.live.threads else { return false }
        let deadline = MonotonicTime.now().advanced(byNanoseconds: self.timeout)
        return threads.run {
            guard MonotonicTime.now() < deadline else {
                return done(.failed("no thread was free within the handler's `timeout`"))
            }
            let answer = self.step.ask(self.record, self.demand, time: self.time, by: deadline)
            done(CheckAnswer(answer: answer))
        }
    }
}

/// What came of a question.
public struct CheckAnswer: Sendable {
    let answer: StepAnswer

    /// The handler did not answer in time, or could not be asked.
    public static func failed(_ why: String) -> CheckAnswer { CheckAnswer(answer: .failed(why)) }

    init(answer: StepAnswer) { self.answer = answer }
}
