internal import Adapting

/// What a request wants of a quota, and what the handler is asked for because of it.
struct StepDemand: Sendable {
    var wanted = QuotaDemand(amount: 0)
    /// How much more is asked for, to be given to requests alike.
    var prefetch: UInt64 = 0

    /// Where more is asked for than is wanted, less will do.
    var asked: QuotaDemand {
        guard self.prefetch > 0 else { return self.wanted }
        let (sum, isOver) = self.wanted.amount.addingReportingOverflow(self.prefetch)
        return QuotaDemand(amount: isOver ? .max : sum, isBestEffort: true)
    }
}

/// What is left of a quota that was granted for more than one request.
struct KeptGrant {
    var amount: UInt64
    /// Monotonic nanoseconds.
    let end: UInt64
}
