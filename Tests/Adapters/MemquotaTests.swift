import Foundation
import Memquota
import PluginSupport
import PosternSDK
import PosternTestKit
import Testing

@Suite struct MemquotaTests {
    let host = TestHost()
    let shape = TestShape(.quota, name: "requests", columns: ["source", "destination"])

    func record(_ source: String, _ destination: String = "shop") -> TestRecord {
        TestRecord(self.shape, [.string(source), .string(destination)])
    }

    static let config = """
        { "quotas": [{ "name": "requests", "max": 5, "per": "1h", "overrides": [
            { "dimensions": { "source": "batch" }, "max": 2 },
            { "dimensions": { "source": "alice", "destination": "reports" }, "max": 9 } ] }] }
        """

    @Test("Each set of dimensions has its amount; overrides are for those that they name")
    func amounts() throws {
        let handler = try self.host.configure(MemquotaAdapter.self, Self.config)
        #expect(try handler.quota(self.record("alice"), amount: 3).amount == 3)
        #expect(try handler.quota(self.record("alice"), amount: 3).amount == 0)
        #expect(try handler.quota(self.record("alice"), amount: 3, bestEffort: true).amount == 2)
        #expect(try handler.quota(self.record("alice"), amount: 1).amount == 0)
        #expect(try handler.quota(self.record("bob"), amount: 5).amount == 5)
        #expect(try handler.quota(self.record("batch"), amount: 5, bestEffort: true).amount == 2)
        #expect(try handler.quota(self.record("alice", "reports"), amount: 9).amount == 9)
        // Values are told apart wherever they end.
        #expect(try handler.quota(self.record("al", "iceshop"), amount: 5).amount == 5)
    }

    @Test("The same request asked again has the same answer, and is counted once")
    func deduplication() throws {
        let handler = try self.host.configure(
            MemquotaAdapter.self,
            #"{ "quotas": [{ "name": "requests", "max": 5, "per": "1h" }], "deduplication": "1h" }"#)
        for _ in 0..<4 {
            #expect(try handler.quota(self.record("alice"), amount: 3, deduplicationID: 77).amount == 3)
        }
        #expect(try handler.quota(self.record("bob"), amount: 5, deduplicationID: 77).amount == 5)
        #expect(try handler.quota(self.record("alice"), amount: 2, deduplicationID: 78).amount == 2)
        #expect(try handler.quota(self.record("alice"), amount: 1, deduplicationID: 79).amount == 0)
    }

    @Test("A fixed window begins with the first grant, and anew when it is over")
    func fixed() {
        let limit = QuotaRule.Limit(max: 4, window: 100, isRolling: false)
        var cell = QuotaCell(limit, now: 1000)
        func grant(_ amount: Int, bestEffort: Bool = false, now: Int64) -> [Int64] {
            let (granted, lifetime) = cell.grant(amount, bestEffort: bestEffort, limit, now: now)
            return [Int64(granted), lifetime]
        }
        #expect(grant(5, now: 1040) == [0, 100])
        #expect(grant(3, now: 1050) == [3, 100])
        #expect(grant(3, bestEffort: true, now: 1149) == [1, 1])
        #expect(grant(4, now: 1150) == [4, 100])
    }

    @Test("In no stretch of a rolling window's length is more granted than the limit, whenever asked")
    func rolling() {
        let limit = QuotaRule.Limit(max: 10, window: 1000, isRolling: true)
        var cell = QuotaCell(limit, now: 0)
        var grants: [(time: Int64, amount: Int)] = []
        var time: Int64 = 0
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            time += Int64.random(in: 0...300, using: &random)
            let amount = cell.grant(Int.random(in: 1...4), bestEffort: Bool.random(), limit, now: time).amount
            grants.append((time, amount))
        }
        for grant in grants {
            let stretch = grants.filter { $0.time > grant.time - 1000 && $0.time <= grant.time }
            #expect(stretch.reduce(0) { $0 + $1.amount } <= 10)
        }
        // And it does grant.
        #expect(grants.reduce(0) { $0 + $1.amount } >= Int(time / 2200) * 10)
        let isIdle = cell.isIdle(limit, now: time + 1100)
        #expect(isIdle)
    }

    @Test("What is granted lasts as long as its window; a refused amount may be asked again in time")
    func lifetime() throws {
        let handler = try self.host.configure(MemquotaAdapter.self, Self.config)
        #expect(try handler.quota(self.record("alice")).validDuration == .seconds(3600))
    }

    @Test("Threads share an amount exactly")
    func threads() throws {
        let table = CellTable(limit: 64, deduplication: 1)
        let limit = QuotaRule.Limit(max: 1000, window: 1 << 60, isRolling: false)
        let total = Lock(0)
        let done = DispatchGroup()
        for _ in 0..<4 {
            done.enter()
            Thread.detachNewThread {
                var granted = 0
                for _ in 0..<500 { granted += (try? table.grant([1], 1, limit, now: 5).amount) ?? 0 }
                total.withLock { [granted] in $0 += granted }
                done.leave()
            }
        }
        done.wait()
        #expect(total.withLock { $0 } == 1000)
    }

    @Test("Idle keys make room for others; with all in use, asking for one more fails")
    func room() throws {
        let table = CellTable(limit: 16, deduplication: 1)
        let limit = QuotaRule.Limit(max: 1, window: 1_000_000_000, isRolling: false)
        func fill(now: Int64) -> Int {
            (0..<200).filter { (try? table.grant([UInt8($0)], 1, limit, now: now)) != nil }.count
        }
        let first = fill(now: 0)
        #expect((1...16).contains(first))
        #expect(throws: CellTable.Full.self) {
            for key in 200..<255 { _ = try table.grant([UInt8(key)], 1, limit, now: 1) }
        }
        #expect(fill(now: 2_000_000_000) == first)
    }

    @Test("An instance that the configuration does not know is a failure")
    func unknown() throws {
        let handler = try self.host.configure(MemquotaAdapter.self, Self.config)
        #expect(throws: TestFailure.self) {
            try handler.quota(TestRecord(TestShape(.quota, name: "other"), []))
        }
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        func why(_ quota: String) -> String { problem(MemquotaAdapter.self, "{ \"quotas\": [\(quota)] }") }
        #expect(why("") == "/quotas: must not be empty")
        #expect(
            why(#"{ "name": "a", "max": -1, "per": "1s" }"#)
                == "/quotas/0/max: must be 0...1000000000, got -1")
        #expect(why(#"{ "name": "a", "max": 1, "per": "1ms" }"#) == "/quotas/0/per: must be 10ms...744h")
        let twice = #"{ "name": "a", "max": 1, "per": "1s" }"#
        #expect(why("\(twice), \(twice)") == "/quotas/1/name: 'a' stands twice")
        #expect(
            why(#"{ "name": "a", "max": 1, "per": "1s", "overrides": [{ "dimensions": {}, "max": 1 }] }"#)
                == "/quotas/0/overrides/0/dimensions: must name at least one dimension")
    }
}
