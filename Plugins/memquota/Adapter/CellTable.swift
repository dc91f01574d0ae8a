package import PluginSupport
package import PosternSDK

/// Cells by key, spread over shards with a lock each, so that workers seldom meet.
package final class CellTable: Sendable {
    /// As many keys as may be are in use.
    package struct Full: Error, CustomStringConvertible {
        let limit: Int
        package var description: String {
            "as many as \(self.limit) sets of dimensions are in use: see 'keys'"
        }
    }

    private struct Known {
        var cell: QuotaCell
        let limit: QuotaRule.Limit
    }
    private struct Asked: Hashable {
        let key: [UInt8]
        let id: UInt64
    }
    private struct Shard {
        var cells: [[UInt8]: Known] = [:]
        /// What was granted to requests by their identifiers: of the present stretch of time, and the one
        /// before.
        var answers: [Asked: Int] = [:]
        var oldAnswers: [Asked: Int] = [:]
        var answersSince: Int64 = 0
        /// Looking for idle cells costs as much as there are cells, so it is done once in a while.
        var sweptAt: Int64?
    }
    /// A lock is no value that an array can hold.
    private final class Section: Sendable {
        let shard = Lock(Shard())
    }

    private static let sections = 16
    /// Answers that a section remembers, and as many older ones; with more requests than that, the older
    /// ones are forgotten early.
    private static let answers = 16_384
    private let sections: [Section]
    private let limit: Int
    private let deduplication: Int64

    package init(limit: Int, deduplication: Int64) {
        self.sections = (0..<Self.sections).map { _ in Section() }
        self.limit = limit
        self.deduplication = deduplication
    }

    /// - Throws: ``Full`` when there is no room for another key.
    package func grant(
        _ key: [UInt8], _ amount: Int, _ limit: QuotaRule.Limit, bestEffort: Bool = false, id: UInt64? = nil,
        now: Int64
    ) throws(Full) -> QuotaGrant {
        let hash = key.hashValue
        let section = self.sections[hash & (Self.sections - 1)]
        let room = max(self.limit / Self.sections, 1)
        return try section.shard.withLock { shard throws(Full) in
            if let id {
                self.age(&shard, now)
                let asked = Asked(key: key, id: id)
                if let known = shard.answers[asked] ?? shard.oldAnswers[asked] { return QuotaGrant(known) }
            }
            if shard.cells[key]?.limit != limit {
                if shard.cells[key] == nil, shard.cells.count >= room { try self.sweep(&shard, room, now) }
                shard.cells[key] = Known(cell: QuotaCell(limit, now: now), limit: limit)
            }
            // In place: a copy would be one of the slots, too.
            let (granted, lifetime) =
                shard.cells[key]?.cell.grant(amount, bestEffort: bestEffort, limit, now: now) ?? (0, 0)
            if let id { shard.answers[Asked(key: key, id: id)] = granted }
            return QuotaGrant(granted, validFor: .nanoseconds(lifetime))
        }
    }

    /// Answers are remembered for at least as long as was asked for, at most twice as long.
    private func age(_ shard: inout Shard, _ now: Int64) {
        let passed = now - shard.answersSince
        guard passed >= self.deduplication || shard.answers.count >= Self.answers else { return }
        shard.oldAnswers = passed < 2 * self.deduplication ? shard.answers : [:]
        shard.answers = [:]
        shard.answersSince = now
    }

    private func sweep(_ shard: inout Shard, _ room: Int, _ now: Int64) throws(Full) {
        if shard.sweptAt.map({ now - $0 >= 100_000_000 }) ?? true {
            shard.sweptAt = now
            for (key, known) in shard.cells {
                var cell = known.cell
                if cell.isIdle(known.limit, now: now) { shard.cells[key] = nil }
            }
        }
        if shard.cells.count >= room { throw Full(limit: self.limit) }
    }
}
