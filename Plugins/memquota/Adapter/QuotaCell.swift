package import PluginSupport

/// What was granted to one set of dimensions. Pure: the clock is the caller's.
///
/// A rolling window has slots of a tenth of it, and one more, so that a grant counts for at least the whole
/// window: in no stretch of time that long is more granted than the limit.
package struct QuotaCell: Sendable {
    private static let slots: Int64 = 10

    /// When the window began (fixed), or the number of the newest slot (rolling).
    private var position: Int64
    /// By slot, when it is rolling.
    private var used: [Int]
    private var total = 0

    package init(_ limit: QuotaRule.Limit, now: Int64) {
        self.position = limit.isRolling ? now / Self.slotLength(limit) : now
        self.used = limit.isRolling ? Array(repeating: 0, count: Int(Self.slots) + 1) : []
    }

    private static func slotLength(_ limit: QuotaRule.Limit) -> Int64 { max(limit.window / Self.slots, 1) }

    /// Grants `amount`, or what is left when less will do.
    ///
    /// - Returns: How much, and for how many nanoseconds it is good.
    package mutating func grant(
        _ amount: Int, bestEffort: Bool, _ limit: QuotaRule.Limit, now: Int64
    ) -> (amount: Int, lifetime: Int64) {
        self.advance(limit, now)
        let left = max(limit.max - self.total, 0)
        let granted = amount <= left ? amount : bestEffort ? left : 0
        if limit.isRolling {
            self.used[Int(self.position % (Self.slots + 1))] += granted
            self.total += granted
            return (granted, Self.slotLength(limit))
        }
        // A window begins with what is granted first, not with a refusal.
        if self.total == 0 { self.position = now }
        self.total += granted
        return (granted, max(self.position + limit.window - now, 0))
    }

    /// Whether nothing counts any more.
    package mutating func isIdle(_ limit: QuotaRule.Limit, now: Int64) -> Bool {
        self.advance(limit, now)
        return self.total == 0
    }

    private mutating func advance(_ limit: QuotaRule.Limit, _ now: Int64) {
        guard limit.isRolling else {
            if now - self.position >= limit.window { self.total = 0 }
            return
        }
        let slot = now / Self.slotLength(limit)
        guard slot > self.position else { return }
        for passed in (self.position + 1)...min(slot, self.position + Self.slots + 1) {
            let index = Int(passed % (Self.slots + 1))
            self.total -= self.used[index]
            self.used[index] = 0
        }
        self.position = slot
    }
}
