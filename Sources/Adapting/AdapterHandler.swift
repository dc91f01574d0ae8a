public import CPosternABI
public import Primitives

/// What became of a batch.
public struct ReportAnswer: Sendable, Hashable {
    /// Why none was taken, so that the same records should come again; nil when it was gone through, and
    /// `outcomes` says what became of each record.
    public var problem: String?
    /// Nanoseconds for which the backend wants to be left alone before records come again; 0: any.
    public var retryAfter: UInt64

    public init(problem: String? = nil, retryAfter: UInt64 = 0) {
        self.problem = problem
        self.retryAfter = retryAfter
    }

    public static let taken = ReportAnswer()

    public static func failed(_ problem: String) -> ReportAnswer { ReportAnswer(problem: problem) }
}

/// An answer that an adapter may fail to give.
public enum HandlerAnswer<Value: Sendable>: Sendable {
    case answered(Value)
    case failed(String)
}

/// What an adapter says of a request.
public struct CheckVerdict: Sendable, Hashable {
    /// One of google.rpc.Code; 0 lets the request pass.
    public var code: UInt32 = 0
    public var message = ""
    /// Nanoseconds for which requests alike may be treated the same; 0: ask each time.
    public var validNanoseconds: UInt64 = 0
    /// How many of them; 0: any number.
    public var validUses: UInt32 = 0

    public init(
        code: UInt32 = 0, message: String = "", validNanoseconds: UInt64 = 0, validUses: UInt32 = 0
    ) {
        self.code = code
        self.message = message
        self.validNanoseconds = validNanoseconds
        self.validUses = validUses
    }
}

/// What a request wants of a quota.
public struct QuotaDemand: Sendable, Hashable {
    public var amount: UInt64
    public var isBestEffort: Bool
    /// The same request again has the same; 0: do not look.
    public var deduplicationID: UInt64

    public init(amount: UInt64, isBestEffort: Bool = false, deduplicationID: UInt64 = 0) {
        self.amount = amount
        self.isBestEffort = isBestEffort
        self.deduplicationID = deduplicationID
    }
}

/// What is granted of it.
public struct QuotaAllowance: Sendable, Hashable {
    public var amount: UInt64
    /// Nanoseconds for which it may be used; 0: now only.
    public var validNanoseconds: UInt64

    public init(amount: UInt64, validNanoseconds: UInt64 = 0) {
        self.amount = amount
        self.validNanoseconds = validNanoseconds
    }
}

/// One configuration of an adapter: the in-process contract, whatever the adapter is written in.
///
/// Threads are those of postern_adapter.h: `report`, `tick` and `reopen` one call at a time on a thread of
/// the handler's own; `check`, `quota` and `generate` on any, at once.
open class AdapterHandler: @unchecked Sendable {
    // SAFETY: what is stored here is immutable, but for `source`, which is set before the first call; a
    // subclass synchronises its own.
    /// The handler's name.
    public let name: String
    /// What it takes.
    public let templates: TemplateSet
    /// `check`, `quota` and `generate` may wait.
    public let isBlocking: Bool
    /// What `generate` makes.
    public let outputs: [RecordColumn]
    /// Gives the handler its series when it asks; set once, before the handler is used.
    public var series: (any SeriesSource)?

    public init(name: String, templates: TemplateSet, isBlocking: Bool, outputs: [RecordColumn] = []) {
        self.name = name
        self.templates = templates
        self.isBlocking = isBlocking
        self.outputs = outputs
    }

    /// Takes records.
    ///
    /// - Parameter outcomes: One a record, all `POSTERN_OUTCOME_DELIVERED` at first.
    open func report(
        _ batch: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>
    ) -> ReportAnswer { .failed("it takes no reports") }

    open func tick() {}
    open func reopen() {}

    /// - Parameter deadline: After which nobody waits for the answer; nil: whenever it comes.
    open func check(
        _ record: UnsafePointer<postern_record>, by deadline: MonotonicTime?
    ) -> HandlerAnswer<CheckVerdict> { .failed("it judges nothing") }

    /// - Parameter deadline: As for ``check(_:by:)``.
    open func quota(
        _ record: UnsafePointer<postern_record>, _ demand: QuotaDemand, by deadline: MonotonicTime?
    ) -> HandlerAnswer<QuotaAllowance> { .failed("it has no quotas") }

    /// Fills in one value for each of ``outputs``; bytes live until the thread's next call.
    ///
    /// - Parameter deadline: As for ``check(_:by:)``.
    /// - Returns: What went wrong; nil when nothing did.
    open func generate(
        _ record: UnsafePointer<postern_record>, _ outputs: UnsafeMutablePointer<postern_value>,
        by deadline: MonotonicTime?
    ) -> String? { "it makes no attributes" }
}

/// Where a handler finds the series of its metric instances.
public protocol SeriesSource: AnyObject, Sendable {
    /// Hands out every series as it is now, each valid until `each` returns, its shape as long as the source.
    /// From any thread.
    func collect(_ each: (UnsafePointer<postern_record>) -> Void)
}
